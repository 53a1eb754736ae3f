//! Queries on the projections.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::{ClientSession, Collection};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use siskin_domain::moderation::Standing;
use siskin_domain::{TweetId, UserId, Username, wire};

use super::MongoStore;
use super::db::Db;
use super::documents::{StandingDoc, TweetDoc, UserDoc, id, long, time};
use crate::storage::{Audience, Page, ReadModels, StoreError};

/// More than this is not looked at at once, when what was found is not shown.
const CHUNK: u16 = 500;

#[async_trait]
impl ReadModels for MongoStore {
    async fn find_user(
        &self,
        id: UserId,
        audience: Audience,
    ) -> Result<Option<wire::User>, StoreError> {
        let this = doc! { "_id": long(id) };
        self.db.patiently(find_user(&self.db, this, audience)).await
    }

    async fn find_user_by_name(
        &self,
        name: &Username,
        audience: Audience,
    ) -> Result<Option<wire::User>, StoreError> {
        let this = doc! { "username": name.as_str() };
        self.db.patiently(find_user(&self.db, this, audience)).await
    }

    async fn list_users(
        &self,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::User>, StoreError> {
        let suspended = doc! { "standing.suspended": { "$ne": true } };
        let seen = match audience {
            Audience::Public => suspended,
            Audience::Person(own) => doc! { "$or": [suspended, { "_id": long(own) }] },
            Audience::All => doc! {},
        };
        self.db
            .patiently(async {
                let mut session = self.db.session().await?;
                let users = list(&self.db.users, &mut session, page, seen).await?;
                users.into_iter().map(wire_user).collect()
            })
            .await
    }

    async fn find_tweet(
        &self,
        id: TweetId,
        audience: Audience,
    ) -> Result<Option<wire::Tweet>, StoreError> {
        let seen = |tweet: &TweetDoc, author: &Author| {
            is_own(tweet, audience) || (tweet.hidden.is_none() && !author.standing().suspended)
        };
        Ok(self.find(&[id], seen).await?.pop())
    }

    async fn find_tweets(
        &self,
        ids: &[TweetId],
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        let seen =
            |tweet: &TweetDoc, author: &Author| is_own(tweet, audience) || is_listed(tweet, author);
        self.find(ids, seen).await
    }

    async fn list_tweets(
        &self,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        let seen =
            |tweet: &TweetDoc, author: &Author| is_own(tweet, audience) || is_listed(tweet, author);
        self.db.patiently(list_tweets(&self.db, page, doc! {}, seen)).await
    }

    async fn list_tweets_of(
        &self,
        author: UserId,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        let seen = |tweet: &TweetDoc, _: &Author| is_own(tweet, audience) || tweet.hidden.is_none();
        let theirs = doc! { "tweetedby": long(author) };
        self.db.patiently(list_tweets(&self.db, page, theirs, seen)).await
    }
}

impl MongoStore {
    async fn find(
        &self,
        ids: &[TweetId],
        seen: impl Fn(&TweetDoc, &Author) -> bool + Send + Sync,
    ) -> Result<Vec<wire::Tweet>, StoreError> {
        let ids: Vec<i64> = ids.iter().copied().map(long).collect();
        self.db
            .patiently(async {
                let mut session = self.db.session().await?;
                let find = self.db.tweets.find(doc! { "_id": { "$in": ids } });
                let mut cursor = find.session(&mut session).await?;
                let tweets = cursor.stream(&mut session).try_collect().await?;
                with_names(&self.db, &mut session, tweets, &seen).await
            })
            .await
    }
}

/// Is it the audience's own, or are they shown everything?
fn is_own(tweet: &TweetDoc, audience: Audience) -> bool {
    match audience {
        Audience::Public => false,
        Audience::Person(id) => tweet.tweetedby == long(id),
        Audience::All => true,
    }
}

/// Is it in everybody's timeline?
fn is_listed(tweet: &TweetDoc, author: &Author) -> bool {
    let standing = author.standing();
    tweet.hidden.is_none() && !standing.suspended && !standing.silenced
}

async fn find_user(
    db: &Db,
    filter: Document,
    audience: Audience,
) -> Result<Option<wire::User>, StoreError> {
    let mut session = db.session().await?;
    let found = db.users.find_one(filter).session(&mut session).await?;
    let seen = |user: &UserDoc| match audience {
        Audience::Person(id) if user.id == long(id) => true,
        Audience::Public | Audience::Person(_) => !user.standing().suspended,
        Audience::All => true,
    };
    found.filter(seen).map(wire_user).transpose()
}

/// A page of tweets of which some may not be shown: then it looks further. Whether they are is
/// known with their authors, whose names are asked for anyway.
async fn list_tweets(
    db: &Db,
    page: Page,
    filter: Document,
    seen: impl Fn(&TweetDoc, &Author) -> bool + Send + Sync,
) -> Result<Vec<wire::Tweet>, StoreError> {
    let upward = page.after.is_some() && page.before.is_none();
    let limit = usize::from(page.limit);
    let mut session = db.session().await?;
    let mut shown: Vec<wire::Tweet> = Vec::new();
    let mut next = page;
    loop {
        let part = list(&db.tweets, &mut session, next, filter.clone()).await?;
        let whole = part.len() == usize::from(next.limit);
        let ends = part.first().map(|tweet| tweet.id).zip(part.last().map(|tweet| tweet.id));
        let part = with_names(db, &mut session, part, &seen).await?;
        if upward {
            shown.splice(..0, part);
        } else {
            shown.extend(part);
        }
        let Some((newest, oldest)) = ends.filter(|_| whole && shown.len() < limit) else { break };
        next.limit = next.limit.saturating_mul(2).clamp(page.limit, CHUNK.max(page.limit));
        if upward {
            next.after = Some(newest.unsigned_abs());
        } else {
            next.before = Some(oldest.unsigned_abs());
        }
    }
    if upward {
        shown.drain(..shown.len().saturating_sub(limit));
    } else {
        shown.truncate(limit);
    }
    Ok(shown)
}

/// A page of a list, newest first, of what the filter lets through.
pub(super) async fn list<T: DeserializeOwned + Unpin + Send + Sync>(
    collection: &Collection<T>,
    session: &mut ClientSession,
    page: Page,
    filter: Document,
) -> Result<Vec<T>, StoreError> {
    list_by(collection, session, page, filter, "_id").await
}

/// The same by another field than the id.
pub(super) async fn list_by<T: DeserializeOwned + Unpin + Send + Sync>(
    collection: &Collection<T>,
    session: &mut ClientSession,
    page: Page,
    mut filter: Document,
    field: &str,
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
        filter.insert(field, range);
    }
    let upward = page.after.is_some() && page.before.is_none();
    let find = collection.find(filter).sort(doc! { field: if upward { 1 } else { -1 } });
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
    #[serde(default)]
    standing: Option<StandingDoc>,
}

impl Author {
    fn standing(&self) -> Standing {
        self.standing.map_or_else(Standing::default, StandingDoc::standing)
    }
}

/// Those of the tweets that are shown, with their authors' current names. A tweet whose author has gone in between has gone.
async fn with_names(
    db: &Db,
    session: &mut ClientSession,
    tweets: Vec<TweetDoc>,
    seen: &(impl Fn(&TweetDoc, &Author) -> bool + Sync),
) -> Result<Vec<wire::Tweet>, StoreError> {
    let authors: HashSet<i64> = tweets.iter().map(|tweet| tweet.tweetedby).collect();
    if authors.is_empty() {
        return Ok(Vec::new());
    }
    let authors: Vec<i64> = authors.into_iter().collect();
    let users = db.users.clone_with_type::<Author>();
    let find = users.find(doc! { "_id": { "$in": authors } });
    let find = find.projection(doc! { "username": 1, "name": 1, "standing": 1 });
    let mut cursor = find.session(&mut *session).await?;
    let authors: Vec<Author> = cursor.stream(session).try_collect().await?;
    let authors: HashMap<i64, Author> = authors.into_iter().map(|a| (a.id, a)).collect();
    let tweets = tweets.into_iter().filter_map(|tweet| {
        let author = authors.get(&tweet.tweetedby).filter(|author| seen(&tweet, author))?;
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
