//! Many new tweets in a few commands: the hottest write.
//!
//! A tweet that is posted needs three looks (is its stream empty, is its author there, was its
//! request answered?) and changes three collections. For a row of them each look and each
//! change is one command.

use std::collections::{BTreeMap, HashSet};

use futures::TryStreamExt as _;
use mongodb::Collection;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Error;
use siskin_domain::tweet::TweetEvent;
use siskin_domain::{Event, StreamId, TweetId, UserId};

use super::documents::{AnswerDoc, EventDoc, TweetDoc, bytes, date, long};
use super::transaction::{By, Trouble, Tx};
use super::{append, projection};
use crate::storage::{Answer, Append, Appended, Effect, Expected, StoreError};

/// A new tweet, as an append asks for it.
pub(super) struct Post<'a> {
    append: &'a Append,
    id: TweetId,
    author: UserId,
    answer: Option<&'a Answer>,
}

impl<'a> Post<'a> {
    /// The append as a post, if it is nothing else.
    pub(super) fn of(append: &'a Append) -> Option<Self> {
        let StreamId::Tweet(id) = append.stream else { return None };
        let [Event::Tweet(TweetEvent::Posted { author, .. })] = append.events.as_slice() else {
            return None;
        };
        let answer = match append.effects.as_slice() {
            [] => None,
            [Effect::RememberAnswer(answer)] => Some(answer),
            _ => return None,
        };
        let new = append.expected == Expected::Empty;
        new.then_some(Self { append, id, author: *author, answer })
    }
}

/// What a row of posts is to write.
#[derive(Default)]
struct Writes {
    events: Vec<EventDoc>,
    tweets: Vec<TweetDoc>,
    counts: BTreeMap<UserId, i64>,
    answers: Vec<AnswerDoc>,
}

/// Posts, each or not; in order.
pub(super) async fn post_all(
    tx: &mut Tx<'_>,
    posts: &[Post<'_>],
) -> Result<Vec<Result<Appended, StoreError>>, Trouble> {
    let authors = authors(tx, posts).await?;
    let streams: Vec<StreamId> = posts.iter().map(|post| post.append.stream).collect();
    let mut taken: HashSet<String> = append::versions(tx, &streams).await?.into_keys().collect();
    let (kept, mut answered) = answered(tx, posts).await?;
    let mut writes = Writes::default();
    let mut done = Vec::with_capacity(posts.len());
    for post in posts {
        let key = post.answer.map(|answer| answer.key.0.to_vec());
        let stream = post.append.stream.to_string();
        let lost = taken.contains(&stream) || key.as_ref().is_some_and(|k| answered.contains(k));
        done.push(if lost {
            Err(StoreError::Conflict)
        } else if authors.contains(&long(post.author)) {
            taken.insert(stream);
            answered.extend(key);
            Ok(add(tx, &mut writes, post)?)
        } else {
            Err(StoreError::AuthorGone)
        });
    }
    write(tx, writes, kept).await?;
    Ok(done)
}

fn add(tx: &mut Tx<'_>, writes: &mut Writes, post: &Post<'_>) -> Result<Appended, StoreError> {
    let Append { stream, at, actor, events, .. } = post.append;
    let (by, version) = (By { at: *at, actor: *actor }, 1);
    for event in events {
        writes.events.push(tx.next(*stream, version, by, event.clone())?);
        if let Event::Tweet(TweetEvent::Posted { author, body }) = event {
            writes.tweets.push(projection::tweet(post.id, *author, body.as_ref(), *at));
        }
    }
    *writes.counts.entry(post.author).or_default() += 1;
    writes.answers.extend(post.answer.map(AnswerDoc::of));
    Ok(Appended { position: tx.end, version })
}

async fn write(tx: &mut Tx<'_>, writes: Writes, kept: Vec<Bson>) -> Result<(), Error> {
    let Writes { events, tweets, counts, answers } = writes;
    if events.is_empty() {
        return Ok(());
    }
    tx.db.events.insert_many(events).session(&mut *tx.session).await?;
    tx.db.tweets.insert_many(tweets).session(&mut *tx.session).await?;
    for (author, more) in counts {
        append::count(tx, author, more).await?;
    }
    if !answers.is_empty() {
        if !kept.is_empty() {
            // They have expired: what was not, is refused.
            let expired = answers.iter().map(|answer| Bson::Binary(answer.key.clone()));
            let expired: Vec<Bson> = expired.filter(|key| kept.contains(key)).collect();
            let delete = tx.db.answers.delete_many(doc! { "_id": { "$in": expired } });
            delete.session(&mut *tx.session).await?;
        }
        tx.db.answers.insert_many(answers).session(&mut *tx.session).await?;
    }
    Ok(())
}

async fn authors(tx: &mut Tx<'_>, posts: &[Post<'_>]) -> Result<HashSet<i64>, Error> {
    let ids: HashSet<i64> = posts.iter().map(|post| long(post.author)).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let users = tx.db.users.clone_with_type();
    let found = find(tx, &users, doc! { "_id": { "$in": ids } }, doc! { "_id": 1 }).await?;
    Ok(found.iter().filter_map(|user| user.get_i64("_id").ok()).collect())
}

/// The keys of answers that are kept, and those of them that have not expired.
async fn answered(
    tx: &mut Tx<'_>,
    posts: &[Post<'_>],
) -> Result<(Vec<Bson>, HashSet<Vec<u8>>), Error> {
    let asked: Vec<_> =
        posts.iter().filter_map(|post| Some((post.answer?, post.append.at))).collect();
    let mut valid = HashSet::new();
    if asked.is_empty() {
        return Ok((Vec::new(), valid));
    }
    let keys: Vec<_> = asked.iter().map(|(answer, _)| bytes(&answer.key.0)).collect();
    let answers = tx.db.answers.clone_with_type();
    let fields = doc! { "expires_at": 1 };
    let found = find(tx, &answers, doc! { "_id": { "$in": keys } }, fields).await?;
    for (answer, at) in asked {
        let key = Bson::Binary(bytes(&answer.key.0));
        let still = found.iter().any(|kept| {
            kept.get("_id") == Some(&key)
                && kept.get_datetime("expires_at").is_ok_and(|expires| *expires > date(at))
        });
        if still {
            valid.insert(answer.key.0.to_vec());
        }
    }
    Ok((found.into_iter().filter_map(|mut kept| kept.remove("_id")).collect(), valid))
}

async fn find(
    tx: &mut Tx<'_>,
    collection: &Collection<Document>,
    filter: Document,
    fields: Document,
) -> Result<Vec<Document>, Error> {
    let find = collection.find(filter).projection(fields);
    let mut cursor = find.session(&mut *tx.session).await?;
    cursor.stream(&mut *tx.session).try_collect().await
}
