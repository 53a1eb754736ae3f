//! What is kept beside the log: credentials and answers.

use async_trait::async_trait;
use rusqlite::{Row, params};
use siskin_domain::{Timestamp, UserId};

use super::{SqliteStore, effects, rows};
use crate::storage::{Answer, AnswerKey, Answers, Credential, Credentials, StoreError, StoredHash};

#[async_trait]
impl Credentials for SqliteStore {
    async fn find_credential(&self, login: &str) -> Result<Option<Credential>, StoreError> {
        let sql = if login.contains('@') {
            "SELECT c.user, c.hash FROM users u JOIN credentials c ON c.user = u.id
             WHERE u.email = ?1"
        } else {
            "SELECT c.user, c.hash FROM users u JOIN credentials c ON c.user = u.id
             WHERE u.username = ?1"
        };
        let login = login.trim().to_lowercase();
        self.readers.read(move |conn| rows::one(conn, sql, [login], credential)).await
    }

    async fn credential_of(&self, user: UserId) -> Result<Option<Credential>, StoreError> {
        let sql = "SELECT user, hash FROM credentials WHERE user = ?1";
        let user = user.get() as i64;
        self.readers.read(move |conn| rows::one(conn, sql, [user], credential)).await
    }
}

pub(super) fn credential(row: &Row<'_>) -> Result<Credential, StoreError> {
    Ok(Credential { user: rows::id(row, 0)?, hash: StoredHash(row.get(1)?) })
}

#[async_trait]
impl Answers for SqliteStore {
    async fn find_answer(
        &self,
        key: &AnswerKey,
        now: Timestamp,
    ) -> Result<Option<Answer>, StoreError> {
        let sql = "SELECT key, user, fingerprint, sealed, expires_at FROM answers
                   WHERE key = ?1 AND expires_at > ?2";
        let (key, now) = (key.0, now.unix_ms());
        self.readers.read(move |conn| rows::one(conn, sql, params![key, now], answer)).await
    }

    async fn remember_answer(&self, answer: Answer) -> Result<(), StoreError> {
        // Without a "now" nothing kept counts as expired; a sweep makes room.
        self.writer
            .write(move |conn| Ok(effects::remember(conn, &answer, i64::MIN)? as u64))
            .await
            .map(drop)
    }
}

fn answer(row: &Row<'_>) -> Result<Answer, StoreError> {
    let user = match row.get::<_, Option<i64>>(1)? {
        Some(_) => Some(rows::id(row, 1)?),
        None => None,
    };
    Ok(Answer {
        key: AnswerKey(row.get(0)?),
        user,
        fingerprint: row.get(2)?,
        sealed: row.get(3)?,
        expires_at: rows::time(row, 4)?,
    })
}
