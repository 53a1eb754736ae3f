//! What proves who somebody is: the table `proofs`.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use rusqlite::{Connection, Row, params};
use siskin_domain::{Timestamp, UserId};

use super::{SqliteStore, rows};
use crate::storage::proofs::{NEVER_MS, expiry};
use crate::storage::{Proof, ProofKey, ProofKind, Proofs, StoreError};

/// The columns that [`proof`] reads.
const COLUMNS: &str =
    "key, user, kind, label, data, revision, created_at, used_at, expires_at FROM proofs";

#[async_trait]
impl Proofs for SqliteStore {
    async fn find_proof(
        &self,
        key: &ProofKey,
        now: Timestamp,
    ) -> Result<Option<Proof>, StoreError> {
        let (key, now) = (key.0, now.unix_ms());
        let sql = format!("SELECT {COLUMNS} WHERE key = ?1 AND expires_at > ?2");
        self.readers.read(move |conn| rows::one(conn, &sql, params![key, now], proof)).await
    }

    async fn proofs_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Proof>, StoreError> {
        let bounds = [user.get() as i64, now.unix_ms()];
        let sql = format!(
            "SELECT {COLUMNS} WHERE user = ?1 AND expires_at > ?2 ORDER BY created_at, key"
        );
        self.readers.read(move |conn| rows::all(conn, &sql, bounds, proof)).await
    }

    async fn keep_proof(&self, proof: Proof, now: Timestamp) -> Result<(), StoreError> {
        let kept = self.writer.write(move |conn| Ok(keep(conn, &proof, now)? as u64)).await?;
        if kept == 0 { Err(StoreError::Conflict) } else { Ok(()) }
    }

    async fn spend_proof(
        &self,
        key: &ProofKey,
        now: Timestamp,
    ) -> Result<Option<Proof>, StoreError> {
        let (key, now) = (key.0, now.unix_ms());
        let sql = format!("SELECT {COLUMNS} WHERE key = ?1 AND expires_at > ?2");
        let spent = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&spent);
        self.writer
            .write(move |conn| {
                let found = rows::one(conn, &sql, params![key, now], proof)?;
                let count = conn
                    .prepare_cached("DELETE FROM proofs WHERE key = ?1 AND expires_at > ?2")?
                    .execute(params![key, now])?;
                *slot.lock() = found;
                Ok(count as u64)
            })
            .await?;
        Ok(spent.lock().take())
    }
}

fn proof(row: &Row<'_>) -> Result<Proof, StoreError> {
    let user = match row.get::<_, Option<i64>>(1)? {
        Some(_) => Some(rows::id(row, 1)?),
        None => None,
    };
    let used_at: Option<i64> = row.get(7)?;
    Ok(Proof {
        key: ProofKey(row.get(0)?),
        user,
        kind: kind(row, 2)?,
        label: row.get(3)?,
        data: row.get(4)?,
        revision: row.get(5)?,
        created_at: rows::time(row, 6)?,
        used_at: used_at.map(Timestamp::from_unix_ms),
        expires_at: expiry(row.get(8)?),
    })
}

fn kind(row: &Row<'_>, index: usize) -> Result<ProofKind, StoreError> {
    let name: String = row.get(index)?;
    ProofKind::named(&name)
        .ok_or_else(|| StoreError::Corrupt("a proof of an unknown kind".to_owned()))
}

/// Keeps a proof; says how many were kept: none if its user is gone, or if one that has not
/// expired at `now` has its key.
pub(super) fn keep(conn: &Connection, proof: &Proof, now: Timestamp) -> Result<usize, StoreError> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO proofs
           (key, user, kind, label, data, revision, created_at, used_at, expires_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
         WHERE ?2 IS NULL OR EXISTS (SELECT true FROM users WHERE id = ?2)
         ON CONFLICT (key) DO UPDATE SET user = excluded.user, kind = excluded.kind,
           label = excluded.label, data = excluded.data, revision = excluded.revision,
           created_at = excluded.created_at, used_at = excluded.used_at,
           expires_at = excluded.expires_at
         WHERE proofs.expires_at <= ?10",
    )?;
    Ok(insert.execute(params![
        proof.key.0,
        proof.user.map(|user| user.get() as i64),
        proof.kind.as_str(),
        proof.label,
        proof.data,
        proof.revision,
        proof.created_at.unix_ms(),
        proof.used_at.map(Timestamp::unix_ms),
        proof.expires_ms(),
        now.unix_ms(),
    ])?)
}

/// Puts a proof in the place of its former self; says how many were replaced: none if that is
/// not there any more, has expired, or was replaced by somebody else.
pub(super) fn replace(
    conn: &Connection,
    proof: &Proof,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut update = conn.prepare_cached(
        "UPDATE proofs SET label = ?2, data = ?3, revision = ?4, used_at = ?5, expires_at = ?6
         WHERE key = ?1 AND revision = ?4 - 1 AND expires_at > ?7",
    )?;
    Ok(update.execute(params![
        proof.key.0,
        proof.label,
        proof.data,
        proof.revision,
        proof.used_at.map(Timestamp::unix_ms),
        proof.expires_ms(),
        now.unix_ms(),
    ])?)
}

/// Takes a proof out; says how many were: none if it is not there or has expired.
pub(super) fn spend(
    conn: &Connection,
    key: &ProofKey,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut delete =
        conn.prepare_cached("DELETE FROM proofs WHERE key = ?1 AND expires_at > ?2")?;
    Ok(delete.execute(params![key.0, now.unix_ms()])?)
}

/// Takes out a user's proofs of a kind, perhaps but one.
pub(super) fn drop_kind(
    conn: &Connection,
    user: UserId,
    kind: ProofKind,
    except: Option<&ProofKey>,
) -> Result<(), StoreError> {
    let mut delete =
        conn.prepare_cached("DELETE FROM proofs WHERE user = ?1 AND kind = ?2 AND key IS NOT ?3")?;
    delete.execute(params![user.get() as i64, kind.as_str(), except.map(|key| key.0)])?;
    Ok(())
}

/// Those with keys above `after` that move house, in order of keys.
pub(super) fn lasting(
    conn: &Connection,
    after: Option<ProofKey>,
    limit: usize,
) -> Result<Vec<Proof>, StoreError> {
    let kinds: Vec<String> = ProofKind::ALL
        .into_iter()
        .filter(|kind| kind.lasts())
        .map(|kind| format!("'{}'", kind.as_str()))
        .collect();
    let sql = format!(
        "SELECT {COLUMNS} WHERE key > ?1 AND expires_at = {NEVER_MS} AND kind IN ({})
         ORDER BY key LIMIT ?2",
        kinds.join(", ")
    );
    let after = after.map_or_else(Vec::new, |key| key.0.to_vec());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    rows::all(conn, &sql, params![after, limit], proof)
}
