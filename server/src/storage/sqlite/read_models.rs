//! Queries on the projections.

use async_trait::async_trait;
use rusqlite::{Connection, Row, ToSql};
use siskin_domain::{TweetId, UserId, Username, wire};

use super::{SqliteStore, rows};
use crate::storage::{Page, ReadModels, StoreError};

const USER: &str = "SELECT id, username, name, bio, created_at, tweets_count, version, email, role
                    FROM users WHERE ";

/// `CROSS JOIN` keeps the order of the loops: tweets by their id, then each one's author.
const TWEET: &str = "SELECT t.id, u.username, u.name, t.body, t.at
                     FROM tweets t CROSS JOIN users u ON u.id = t.author WHERE ";

#[async_trait]
impl ReadModels for SqliteStore {
    async fn find_user(&self, id: UserId) -> Result<Option<wire::User>, StoreError> {
        let id = id.get() as i64;
        let sql = format!("{USER} id = ?1");
        self.readers.read(move |conn| rows::one(conn, &sql, [id], rows::user)).await
    }

    async fn find_user_by_name(&self, name: &Username) -> Result<Option<wire::User>, StoreError> {
        let name = name.clone();
        let sql = format!("{USER} username = ?1");
        self.readers.read(move |conn| rows::one(conn, &sql, [name.as_str()], rows::user)).await
    }

    async fn list_users(&self, page: Page) -> Result<Vec<wire::User>, StoreError> {
        self.readers.read(move |conn| list(conn, USER, "id", page, None, rows::user)).await
    }

    async fn find_tweet(&self, id: TweetId) -> Result<Option<wire::Tweet>, StoreError> {
        self.readers.read(move |conn| tweet(conn, id)).await
    }

    async fn find_tweets(&self, ids: &[TweetId]) -> Result<Vec<wire::Tweet>, StoreError> {
        let ids = ids.to_vec();
        self.readers
            .read(move |conn| {
                ids.into_iter().map(|id| tweet(conn, id)).filter_map(Result::transpose).collect()
            })
            .await
    }

    async fn list_tweets(&self, page: Page) -> Result<Vec<wire::Tweet>, StoreError> {
        self.readers.read(move |conn| list(conn, TWEET, "t.id", page, None, rows::tweet)).await
    }

    async fn list_tweets_of(
        &self,
        author: UserId,
        page: Page,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        self.readers
            .read(move |conn| list(conn, TWEET, "t.id", page, Some(author), rows::tweet))
            .await
    }
}

fn tweet(conn: &Connection, id: TweetId) -> Result<Option<wire::Tweet>, StoreError> {
    rows::one(conn, &format!("{TWEET} t.id = ?1"), [id.get() as i64], rows::tweet)
}

/// A page of a list, newest first; perhaps of one author only.
fn list<T>(
    conn: &Connection,
    select: &str,
    id: &str,
    page: Page,
    author: Option<UserId>,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let upward = page.after.is_some() && page.before.is_none();
    let order = if upward { "ASC" } else { "DESC" };
    let only = if author.is_some() { "t.author = ?4 AND" } else { "" };
    let sql = format!("{select} {only} {id} > ?1 AND {id} < ?2 ORDER BY {id} {order} LIMIT ?3");
    let bound = |id: u64| i64::try_from(id).unwrap_or(i64::MAX);
    let above = bound(page.after.unwrap_or(0));
    let below = bound(page.before.unwrap_or(u64::MAX));
    let author = author.map(|author| author.get() as i64);
    let params: [&dyn ToSql; 4] = [&above, &below, &page.limit, &author];
    let used = if author.is_some() { 4 } else { 3 };
    let mut found = rows::all(conn, &sql, &params[..used], read)?;
    if upward {
        found.reverse();
    }
    Ok(found)
}
