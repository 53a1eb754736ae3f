//! Queries on the projections.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::{ClientSession, Collection};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use siskin_domain::{TweetId, UserId, Username, wire};

use super::MongoStore;
use super::db::Db;
use super::documents::{TweetDoc, UserDoc, id, long, time};
use crate::storage::{Page, ReadModels, StoreError};

#[async_trait]
impl ReadModels for MongoStore {
    async fn find_user(&self, id: UserId) -> Result<Option<wire::User>, StoreError> {
        self.db.patiently(find_user(&self.db, doc! { "_id": long(id) })).await
    }

    async fn find_user_by_name(&self, name: &Username) -> Result<Option<wire::User>, StoreError> {
        self.db.patiently(find_user(&self.db, doc! { "username": name.as_str() })).await
    }

    async fn list_users(&self, page: Page) -> Result<Vec<wire::User>, StoreError> {
        self.db
            .patiently(async {
                let mut session = self.db.session().await?;
                let users = list(&self.db.users, &mut session, page, doc! {}).await?;
                users.into_iter().map(wire_user).collect()
            })
            .await
    }

    async fn find_tweet(&self, id: TweetId) -> Result<Option<wire::Tweet>, StoreError> {
        Ok(self.find_tweets(&[id]).await?.pop())
    }

    async fn find_tweets(&self, ids: &[TweetId]) -> Result<Vec<wire::Tweet>, StoreError> {
        let ids: Vec<i64> = ids.iter().copied().map(long).collect();
        self.db
            .patiently(async {
                let mut session = self.db.session().await?;
                let find = self.db.tweets.find(doc! { "_id": { "$in": ids } });
                let mut cursor = find.session(&mut session).await?;
                let tweets = cursor.stream(&mut session).try_collect().await?;
                with_names(&self.db, &mut session, tweets).await
            })
            .await
    }

    async fn list_tweets(&self, page: Page) -> Result<Vec<wire::Tweet>, StoreError> {
        self.db.patiently(list_tweets(&self.db, page, doc! {})).await
    }

    async fn list_tweets_of(
        &self,
        author: UserId,
        page: Page,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        self.db.patiently(list_tweets(&self.db, page, doc! { "tweetedby": long(author) })).await
    }
}

async fn find_user(db: &Db, filter: Document) -> Result<Option<wire::User>, StoreError> {
    let mut session = db.session().await?;
    let found = db.users.find_one(filter).session(&mut session).await?;
    found.map(wire_user).transpose()
}

async fn list_tweets(
    db: &Db,
    page: Page,
    filter: Document,
) -> Result<Vec<wire::Tweet>, StoreError> {
    let mut session = db.session().await?;
    let tweets = list(&db.tweets, &mut session, page, filter).await?;
    with_names(db, &mut session, tweets).await
}

/// A page of a list, newest first, of what the filter lets through.
async fn list<T: DeserializeOwned + Unpin + Send + Sync>(
    collection: &Collection<T>,
    session: &mut ClientSession,
    page: Page,
    mut filter: Document,
) -> Result<Vec<T>, StoreError> {
    let bound = |id: u64| i64::try_from(id).unwrap_or(i64::MAX);
    let mut range = Document::new();
    if let Some(before) = page.before {
        range.insert("$lt", bound(before));
    }
    if let Some(after) = page.after {
        range.insert("$gt", bound(after));
    }
    if !range.is_empty() {
        filter.insert("_id", range);
    }
    let upward = page.after.is_some() && page.before.is_none();
    let find = collection.find(filter).sort(doc! { "_id": if upward { 1 } else { -1 } });
    let mut cursor = find.limit(i64::from(page.limit)).session(&mut *session).await?;
    let mut found: Vec<T> = cursor.stream(session).try_collect().await?;
    if upward {
        found.reverse();
    }
    Ok(found)
}

/// Who wrote a tweet, as far as it is shown.
#[derive(Deserialize)]
struct Author {
    #[serde(rename = "_id")]
    id: i64,
    username: String,
    name: String,
}

/// Tweets with their authors' current names. A tweet whose author has gone in between has gone.
async fn with_names(
    db: &Db,
    session: &mut ClientSession,
    tweets: Vec<TweetDoc>,
) -> Result<Vec<wire::Tweet>, StoreError> {
    let authors: HashSet<i64> = tweets.iter().map(|tweet| tweet.tweetedby).collect();
    if authors.is_empty() {
        return Ok(Vec::new());
    }
    let authors: Vec<i64> = authors.into_iter().collect();
    let users = db.users.clone_with_type::<Author>();
    let find = users.find(doc! { "_id": { "$in": authors } });
    let find = find.projection(doc! { "username": 1, "name": 1 });
    let mut cursor = find.session(&mut *session).await?;
    let authors: Vec<Author> = cursor.stream(session).try_collect().await?;
    let authors: HashMap<i64, Author> = authors.into_iter().map(|a| (a.id, a)).collect();
    let tweets = tweets.into_iter().filter_map(|tweet| {
        let author = authors.get(&tweet.tweetedby)?;
        Some(id(tweet.id).map(|id| wire::Tweet {
            id,
            tweetedby: author.username.clone(),
            name: author.name.clone(),
            body: tweet.body,
            timestamp: time(tweet.timestamp),
        }))
    });
    tweets.collect()
}

/// A user with everything.
fn wire_user(user: UserDoc) -> Result<wire::User, StoreError> {
    let role = user.role.parse().map_err(|_| StoreError::Corrupt("not a role".to_owned()))?;
    Ok(wire::User {
        id: id(user.id)?,
        username: user.username,
        name: user.name,
        bio: user.bio,
        created_at: time(user.created_at),
        tweets_count: user.tweets_count.unsigned_abs(),
        version: user.version.unsigned_abs(),
        email: Some(user.email),
        role: Some(role),
    })
}
