//! What becomes true together with events, and what ends when a user goes.

use rusqlite::{Connection, params};
use siskin_domain::{Timestamp, UserId};

use super::proofs;
use crate::storage::{Answer, Effect, Session, StoreError, StoredHash};

/// Makes an effect true.
///
/// # Errors
/// [`StoreError::Conflict`] for a credential, a session or a proof of a user who is gone, for an
/// answer to a request that is answered already, and for a credential, a session or a proof that
/// is not as it was: another writer got there first.
pub(super) fn apply(conn: &Connection, effect: &Effect, at: Timestamp) -> Result<(), StoreError> {
    match effect {
        Effect::SetCredential { user, hash } => won(set_credential(conn, *user, hash)?),
        Effect::CredentialIs { user, hash } => {
            let sql = "SELECT 1 FROM credentials WHERE user = ?1 AND hash = ?2";
            holds(conn.prepare_cached(sql)?.exists(params![user.get() as i64, hash.0])?)
        }
        Effect::StartSession(session) => won(start_session(conn, session)?),
        Effect::SessionIs(token) => {
            let sql = "SELECT 1 FROM sessions WHERE token = ?1";
            holds(conn.prepare_cached(sql)?.exists([token.0])?)
        }
        Effect::EndSessions { user, except } => {
            let except = except.as_ref().map(|token| token.0);
            conn.prepare_cached("DELETE FROM sessions WHERE user = ?1 AND token IS NOT ?2")?
                .execute(params![user.get() as i64, except])?;
            Ok(())
        }
        Effect::EndSession(token) => {
            conn.prepare_cached("DELETE FROM sessions WHERE token = ?1")?.execute([token.0])?;
            Ok(())
        }
        Effect::RememberAnswer(answer) => won(remember(conn, answer, at.unix_ms())?),
        Effect::KeepProof(proof) => won(proofs::keep(conn, proof, at)?),
        Effect::ReplaceProof(proof) => won(proofs::replace(conn, proof, at)?),
        Effect::SpendProof(key) => won(proofs::spend(conn, key, at)?),
        Effect::DropProofs { user, kind, except } => {
            proofs::drop_kind(conn, *user, *kind, except.as_ref())
        }
    }
}

/// Sets a user's credential; says how many were set: none if the user is not there.
pub(super) fn set_credential(
    conn: &Connection,
    user: UserId,
    hash: &StoredHash,
) -> Result<usize, StoreError> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO credentials (user, hash) SELECT id, ?2 FROM users WHERE id = ?1
         ON CONFLICT (user) DO UPDATE SET hash = excluded.hash",
    )?;
    Ok(insert.execute(params![user.get() as i64, hash.0])?)
}

fn won(rows: usize) -> Result<(), StoreError> {
    holds(rows > 0)
}

fn holds(is_true: bool) -> Result<(), StoreError> {
    if is_true { Ok(()) } else { Err(StoreError::Conflict) }
}

fn start_session(conn: &Connection, session: &Session) -> Result<usize, StoreError> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO sessions (token, user, kind, name, device, place, scopes, created_at, last_seen_at,
           expires_at)
         SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9 FROM users WHERE id = ?2",
    )?;
    Ok(insert.execute(params![
        session.token.0,
        session.user.get() as i64,
        session.kind.as_str(),
        session.name,
        session.client.device,
        session.client.place,
        session.scopes.to_string(),
        session.created_at.unix_ms(),
        session.expires_at.unix_ms(),
    ])?)
}

/// Keeps an answer unless one that is not expired at `now` is kept under its key; says how many
/// were kept.
pub(super) fn remember(conn: &Connection, answer: &Answer, now: i64) -> Result<usize, StoreError> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO answers (key, user, fingerprint, sealed, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (key) DO UPDATE SET user = excluded.user, sealed = excluded.sealed,
           fingerprint = excluded.fingerprint, expires_at = excluded.expires_at
         WHERE answers.expires_at <= ?6",
    )?;
    Ok(insert.execute(params![
        answer.key.0,
        answer.user.map(|user| user.get() as i64),
        answer.fingerprint,
        answer.sealed,
        answer.expires_at.unix_ms(),
        now,
    ])?)
}

/// Removes everything beside the log that is kept for a user.
pub(super) fn forget(conn: &Connection, user: UserId) -> Result<(), StoreError> {
    for delete in [
        "DELETE FROM credentials WHERE user = ?1",
        "DELETE FROM sessions WHERE user = ?1",
        "DELETE FROM answers WHERE user = ?1",
        "DELETE FROM proofs WHERE user = ?1",
    ] {
        conn.prepare_cached(delete)?.execute([user.get() as i64])?;
    }
    Ok(())
}
