//! How the database is, as far as its server tells.

use mongodb::bson::{Bson, Document, doc};

use super::{MongoStore, log};
use crate::storage::StoreError;
use crate::storage::vitals::{Following, Vitals};

impl MongoStore {
    pub(super) async fn look(&self) -> Result<Vitals, StoreError> {
        self.db
            .patiently(async {
                let told = self.front.position();
                let end = log::end(&self.db).await?;
                // Who may read and write need not be allowed to ask for this.
                let stats = self.db.database.run_command(doc! { "dbStats": 1 }).await;
                let stats = stats.unwrap_or_default();
                let (total, used) = (number(&stats, "fsTotalSize"), number(&stats, "fsUsedSize"));
                Ok(Vitals {
                    kind: "mongodb",
                    end,
                    size_bytes: number(&stats, "storageSize")
                        .map(|data| data + number(&stats, "indexSize").unwrap_or(0)),
                    wal_bytes: None,
                    disk_free_bytes: total
                        .zip(used)
                        .map(|(total, used)| total.saturating_sub(used)),
                    waiting: self.writer.waiting(),
                    projections: vec![Following::live(end, told)],
                })
            })
            .await
    }
}

/// Numbers come in every width.
fn number(stats: &Document, name: &str) -> Option<u64> {
    match stats.get(name)? {
        Bson::Int32(number) => u64::try_from(*number).ok(),
        Bson::Int64(number) => u64::try_from(*number).ok(),
        Bson::Double(number) if *number >= 0.0 => Some(*number as u64),
        _ => None,
    }
}
