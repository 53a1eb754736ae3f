//! What operators do.

mod verify;

use async_trait::async_trait;
use siskin_domain::Timestamp;

use super::{SqliteStore, chores, damage, log};
use crate::storage::{Maintenance, StoreError, Verification, Vitals};

pub(super) use self::verify::verify;

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
        let ms = now.unix_ms();
        let forgotten = self
            .writer
            .write(move |conn| {
                let sessions = conn.execute("DELETE FROM sessions WHERE expires_at <= ?1", [ms])?;
                let answers = conn.execute("DELETE FROM answers WHERE expires_at <= ?1", [ms])?;
                let proofs = conn.execute("DELETE FROM proofs WHERE expires_at <= ?1", [ms])?;
                Ok((sessions + answers + proofs) as u64)
            })
            .await?;
        if self.readers.read(move |conn| chores::vacuum_is_due(conn, now)).await? {
            self.writer.alone(chores::vacuum).await?;
        }
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
