//! What operators do.

mod verify;

use async_trait::async_trait;
use rusqlite::Connection;
use siskin_domain::Timestamp;

use super::{SqliteStore, chores, damage, log};
use crate::storage::{Maintenance, StoreError, Verification, Vitals};

pub(super) use self::verify::verify;

/// What expires, and the keys of these tables.
const EXPIRING: [(&str, &str); 3] = [("sessions", "token"), ("answers", "key"), ("proofs", "key")];
/// So many rows that have expired are one short transaction, for the sake of those who wait behind it.
const PORTION: u64 = 1000;

#[async_trait]
impl Maintenance for SqliteStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.readers.read(|conn| log::end(conn).map(drop)).await?;
        // What keeps it from writing is known without trying.
        self.trouble.check()?;
        // Through the queue, so that a writer that is stuck shows as well.
        self.writer.write(|_| Ok(0)).await.map(drop)
    }

    async fn rebuild_projections(&self) -> Result<u64, StoreError> {
        self.rebuild().await
    }

    async fn reshape_projections(&self) -> Result<u64, StoreError> {
        self.reshape().await
    }

    async fn verify_projections(&self) -> Result<Verification, StoreError> {
        let options = self.options.clone();
        let verified = tokio::task::spawn_blocking(move || verify(&options.reader()?));
        verified.await.map_err(|error| StoreError::Unavailable(error.to_string()))?
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        for (table, key) in EXPIRING {
            loop {
                let delete = move |conn: &_| delete_expired(conn, table, key, now);
                let some = self.writer.write(delete).await?;
                forgotten += some;
                if some < PORTION {
                    break;
                }
            }
        }
        // What somebody has left who was interrupted may hold what has been erased since.
        let shaped = self.reshape().await;
        if self.readers.read(move |conn| chores::vacuum_is_due(conn, now)).await? {
            self.writer.alone(chores::vacuum).await?;
        }
        shaped?;
        Ok(forgotten)
    }

    async fn check(&self) -> Result<(), StoreError> {
        if self.unclean { damage::look(&self.options, &self.trouble).await } else { Ok(()) }
    }

    fn is_on_this_machine(&self) -> bool {
        true
    }

    async fn vitals(&self) -> Result<Vitals, StoreError> {
        self.look().await
    }

    async fn close(&self) {
        self.writer.close().await;
    }
}

/// Deletes a portion of what has expired; returns how many rows.
fn delete_expired(
    conn: &Connection,
    table: &str,
    key: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let some = format!(
        "DELETE FROM {table} WHERE {key} IN
         (SELECT {key} FROM {table} WHERE expires_at <= ?1 ORDER BY expires_at LIMIT {PORTION})"
    );
    Ok(conn.execute(&some, [now.unix_ms()])? as u64)
}
