//! Moving a whole store in and out.

use async_trait::async_trait;
use rusqlite::Connection;
use siskin_domain::{Position, Recorded, Timestamp, UserId};

use super::append::Added;
use super::projection::{LIVE, project};
use super::{SqliteStore, beside, effects, log, proofs, rows};
use crate::storage::{Archive, Credential, Proof, ProofKey, StoreError};

#[async_trait]
impl Archive for SqliteStore {
    async fn credentials_after(
        &self,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Credential>, StoreError> {
        let sql = "SELECT user, hash FROM credentials WHERE user > ?1 ORDER BY user LIMIT ?2";
        let after = after.map_or(0, |user| user.get() as i64);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.readers
            .read(move |conn| rows::all(conn, sql, [after, limit], beside::credential))
            .await
    }

    async fn restore_events(&self, events: Vec<Recorded>) -> Result<(), StoreError> {
        self.writer.restore(events).await.map(drop)
    }

    async fn restore_credentials(&self, credentials: Vec<Credential>) -> Result<(), StoreError> {
        self.writer.write(move |conn| set(conn, &credentials)).await.map(drop)
    }

    async fn proofs_after(
        &self,
        after: Option<ProofKey>,
        limit: usize,
    ) -> Result<Vec<Proof>, StoreError> {
        self.readers.read(move |conn| proofs::lasting(conn, after, limit)).await
    }

    async fn restore_proofs(&self, restored: Vec<Proof>) -> Result<(), StoreError> {
        self.writer
            .write(move |conn| {
                // To one who comes from elsewhere, whatever is here has expired.
                let late = Timestamp::from_unix_ms(i64::MAX);
                let mut count = 0;
                for proof in &restored {
                    count += proofs::keep(conn, proof, late)? as u64;
                }
                Ok(count)
            })
            .await
            .map(drop)
    }
}

/// Adds events as they are, or says that they don't follow; in that case the caller undoes what
/// was written. Projections follow as in a rebuild: nothing is refused that was once accepted.
pub(super) fn restore(
    conn: &Connection,
    added: &mut Added,
    events: Vec<Recorded>,
) -> Result<u64, StoreError> {
    let count = events.len() as u64;
    for recorded in events {
        let next = Position(added.end.0 + 1);
        if recorded.position != next {
            return Err(StoreError::Conflict);
        }
        log::insert(conn, &recorded.stream.to_string(), &recorded)?;
        project(conn, &LIVE, &recorded)?;
        added.end = next;
        added.events.push(recorded);
    }
    Ok(count)
}

/// Sets the credentials of the users who are there; says how many.
fn set(conn: &Connection, credentials: &[Credential]) -> Result<u64, StoreError> {
    let mut count = 0;
    for Credential { user, hash } in credentials {
        count += effects::set_credential(conn, *user, hash)? as u64;
    }
    Ok(count)
}
