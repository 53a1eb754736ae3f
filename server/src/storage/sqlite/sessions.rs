//! Sessions and tokens: the table `sessions`.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use siskin_domain::{Timestamp, UserId};

use super::{SqliteStore, rows};
use crate::storage::{
    Client, OwnSession, Scopes, SessionId, SessionKind, SessionOwner, Sessions, StoreError,
    TokenHash,
};

#[async_trait]
impl Sessions for SqliteStore {
    async fn find_session(
        &self,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SessionOwner>, StoreError> {
        let sql = "SELECT u.id, u.username, u.name, u.role, s.kind, s.last_seen_at,
                     s.expires_at, s.scopes, u.warned, u.silenced, u.suspended
                   FROM sessions s CROSS JOIN users u ON u.id = s.user
                   WHERE s.token = ?1 AND s.expires_at > ?2";
        let (token, now) = (token.0, now.unix_ms());
        self.readers.read(move |conn| rows::one(conn, sql, params![token, now], owner)).await
    }

    async fn touch_session(&self, token: &TokenHash, now: Timestamp) -> Result<(), StoreError> {
        let (token, now) = (token.0, now.unix_ms());
        let sql = "UPDATE sessions SET last_seen_at = ?2 WHERE token = ?1 AND last_seen_at < ?2";
        self.writer
            .write(move |conn| Ok(conn.prepare_cached(sql)?.execute(params![token, now])? as u64))
            .await
            .map(drop)
    }

    async fn end_session(&self, token: &TokenHash) -> Result<bool, StoreError> {
        let token = token.0;
        let sql = "DELETE FROM sessions WHERE token = ?1";
        self.writer
            .write(move |conn| Ok(conn.prepare_cached(sql)?.execute([token])? as u64))
            .await
            .map(|ended| ended > 0)
    }

    async fn living_sessions(
        &self,
        tokens: &[TokenHash],
        now: Timestamp,
    ) -> Result<Vec<TokenHash>, StoreError> {
        let sql = "SELECT token FROM sessions WHERE token = ?1 AND expires_at > ?2";
        let (tokens, now) = (tokens.to_vec(), now.unix_ms());
        self.readers
            .read(move |conn| {
                let mut select = conn.prepare_cached(sql)?;
                let mut living = Vec::new();
                for token in tokens {
                    if select.exists(params![token.0, now])? {
                        living.push(token);
                    }
                }
                Ok(living)
            })
            .await
    }

    async fn sessions_of(
        &self,
        user: UserId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<OwnSession>, StoreError> {
        let sql = "SELECT token, kind, name, device, place, scopes, created_at, last_seen_at,
                     expires_at
                   FROM sessions WHERE user = ?1 AND expires_at > ?2
                   ORDER BY last_seen_at DESC, created_at DESC, token LIMIT ?3";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let bounds = [user.get() as i64, now.unix_ms(), limit];
        self.readers.read(move |conn| rows::all(conn, sql, bounds, own)).await
    }

    async fn end_session_of(&self, user: UserId, id: SessionId) -> Result<bool, StoreError> {
        let user = user.get() as i64;
        self.writer.write(move |conn| end_of(conn, user, id)).await.map(|ended| ended > 0)
    }
}

fn owner(row: &Row<'_>) -> Result<SessionOwner, StoreError> {
    Ok(SessionOwner {
        user: rows::id(row, 0)?,
        username: row.get(1)?,
        name: row.get(2)?,
        role: rows::word(row, 3)?,
        standing: rows::standing(row, 8)?,
        kind: kind(row, 4)?,
        scopes: scopes(row, 7)?,
        last_seen_at: rows::time(row, 5)?,
        expires_at: rows::time(row, 6)?,
    })
}

fn own(row: &Row<'_>) -> Result<OwnSession, StoreError> {
    Ok(OwnSession {
        id: SessionId::of(&TokenHash(row.get(0)?)),
        kind: kind(row, 1)?,
        name: row.get(2)?,
        client: Client { device: row.get(3)?, place: row.get(4)? },
        scopes: scopes(row, 5)?,
        created_at: rows::time(row, 6)?,
        last_seen_at: rows::time(row, 7)?,
        expires_at: rows::time(row, 8)?,
    })
}

fn kind(row: &Row<'_>, index: usize) -> Result<SessionKind, StoreError> {
    match row.get_ref(index)?.as_str() {
        Ok("cookie") => Ok(SessionKind::Cookie),
        Ok("bearer") => Ok(SessionKind::Bearer),
        _ => Err(StoreError::Corrupt("a session of an unknown kind".to_owned())),
    }
}

fn scopes(row: &Row<'_>, index: usize) -> Result<Scopes, StoreError> {
    let names: String = row.get(index)?;
    Scopes::named(names.split_whitespace())
        .ok_or_else(|| StoreError::Corrupt("a session with an unknown scope".to_owned()))
}

/// The number is not a column: it is made of the key.
fn end_of(conn: &Connection, user: i64, id: SessionId) -> Result<u64, StoreError> {
    let tokens = rows::all(conn, "SELECT token FROM sessions WHERE user = ?1", [user], |row| {
        Ok(TokenHash(row.get(0)?))
    })?;
    let Some(token) = tokens.into_iter().find(|token| SessionId::of(token) == id) else {
        return Ok(0);
    };
    let mut delete = conn.prepare_cached("DELETE FROM sessions WHERE token = ?1")?;
    Ok(delete.execute([token.0])? as u64)
}
