//! Queries on the projections.

use async_trait::async_trait;
use rusqlite::{Connection, ToSql};
use siskin_domain::{TweetId, UserId, Username, wire};

use super::{SqliteStore, rows};
use crate::storage::{Audience, Page, ReadModels, StoreError};

const USER: &str = "SELECT id, username, name, bio, created_at, tweets_count, version, email, role
                    FROM users WHERE ";

/// `CROSS JOIN` keeps the order of the loops: tweets by their id, then each one's author.
const TWEET: &str = "SELECT t.id, u.username, u.name, t.body, t.at
                     FROM tweets t CROSS JOIN users u ON u.id = t.author WHERE ";

/// Tweets that are there for everybody who has their address.
const SHOWN: &str = "t.hidden = 0 AND u.suspended = 0";
/// Tweets that are in everybody's timeline.
const LISTED: &str = "t.hidden = 0 AND u.suspended = 0 AND u.silenced = 0";

/// What is there for an audience: what is for everybody, and, for a person, what is their own.
fn seen_by(audience: Audience, public: &str, own: &str) -> String {
    match audience {
        Audience::Public => format!("{public} AND "),
        Audience::Person(_) => format!("({public} OR {own}) AND "),
        Audience::All => String::new(),
    }
}

const fn person(audience: Audience) -> Option<i64> {
    match audience {
        Audience::Person(id) => Some(id.get() as i64),
        Audience::Public | Audience::All => None,
    }
}

#[async_trait]
impl ReadModels for SqliteStore {
    async fn find_user(
        &self,
        id: UserId,
        audience: Audience,
    ) -> Result<Option<wire::User>, StoreError> {
        let own = audience == Audience::Person(id);
        let seen = if own || audience == Audience::All { "" } else { "AND suspended = 0" };
        let (sql, id) = (format!("{USER} id = ?1 {seen}"), id.get() as i64);
        self.readers.read(move |conn| rows::one(conn, &sql, [id], rows::user)).await
    }

    async fn find_user_by_name(
        &self,
        name: &Username,
        audience: Audience,
    ) -> Result<Option<wire::User>, StoreError> {
        let name = name.clone();
        let seen = seen_by(audience, "suspended = 0", "id = ?2");
        let sql = format!("{USER} {seen} username = ?1");
        self.readers
            .read(move |conn| match person(audience) {
                Some(id) => rows::one(conn, &sql, (name.as_str(), id), rows::user),
                None => rows::one(conn, &sql, [name.as_str()], rows::user),
            })
            .await
    }

    async fn list_users(
        &self,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::User>, StoreError> {
        let select = format!("{USER} {}", seen_by(audience, "suspended = 0", "id = ?4"));
        self.readers
            .read(move |conn| {
                let person = person(audience);
                let own: Vec<&dyn ToSql> = person.iter().map(|id| id as &dyn ToSql).collect();
                rows::page(conn, &select, "id", page, &own, rows::user)
            })
            .await
    }

    async fn find_tweet(
        &self,
        id: TweetId,
        audience: Audience,
    ) -> Result<Option<wire::Tweet>, StoreError> {
        let sql = one_of(audience, SHOWN);
        self.readers.read(move |conn| found(conn, &sql, id, audience)).await
    }

    async fn find_tweets(
        &self,
        ids: &[TweetId],
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        let (sql, ids) = (one_of(audience, LISTED), ids.to_vec());
        self.readers
            .read(move |conn| {
                let all = ids.into_iter().map(|id| found(conn, &sql, id, audience));
                all.filter_map(Result::transpose).collect()
            })
            .await
    }

    async fn list_tweets(
        &self,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        let select = format!("{TWEET} {}", seen_by(audience, LISTED, "t.author = ?4"));
        self.readers
            .read(move |conn| {
                let person = person(audience);
                let own: Vec<&dyn ToSql> = person.iter().map(|id| id as &dyn ToSql).collect();
                rows::page(conn, &select, "t.id", page, &own, rows::tweet)
            })
            .await
    }

    async fn list_tweets_of(
        &self,
        author: UserId,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        let all = matches!(audience, Audience::All) || audience == Audience::Person(author);
        let seen = if all { "" } else { "t.hidden = 0 AND" };
        let (select, author) = (format!("{TWEET} t.author = ?4 AND {seen}"), author.get() as i64);
        self.readers
            .read(move |conn| rows::page(conn, &select, "t.id", page, &[&author], rows::tweet))
            .await
    }
}

/// The query for one tweet.
fn one_of(audience: Audience, public: &str) -> String {
    format!("{TWEET} {} t.id = ?1", seen_by(audience, public, "t.author = ?2"))
}

fn found(
    conn: &Connection,
    sql: &str,
    id: TweetId,
    audience: Audience,
) -> Result<Option<wire::Tweet>, StoreError> {
    let id = id.get() as i64;
    match person(audience) {
        Some(person) => rows::one(conn, sql, (id, person), rows::tweet),
        None => rows::one(conn, sql, [id], rows::tweet),
    }
}
