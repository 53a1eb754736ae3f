//! One append, inside a transaction: first all that can refuse it, then all that it writes.
//!
//! MongoDB has no savepoints. Appends share a transaction, so one that is refused must not have
//! written anything.

use std::collections::HashMap;

use futures::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use mongodb::error::Error;
use siskin_domain::moderation::ReportEvent;
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{Event, StreamId, TweetId, UserId};

use super::documents::{EventDoc, ReportDoc, id, long};
use super::transaction::{By, Trouble, Tx};
use super::{effects, log, projection};
use crate::storage::{Append, Appended, Expected, StoreError, UniqueField};

/// So many streams are looked at, or changed, by one command.
const CHUNK: usize = 100;

/// The version that the stream is at, if nothing speaks against the append.
pub(super) async fn check(tx: &mut Tx<'_>, append: &Append) -> Result<u64, Trouble> {
    let version = log::version(tx.db, tx.session, append.stream).await?;
    let expected = match append.expected {
        Expected::Any => true,
        Expected::Empty => version == 0,
        Expected::At(expected) => version == expected,
    };
    if !expected {
        return Err(StoreError::Conflict.into());
    }
    for event in &append.events {
        check_event(tx, append.stream, event).await?;
    }
    effects::check(tx, append).await?;
    Ok(version)
}

async fn check_event(tx: &mut Tx<'_>, stream: StreamId, event: &Event) -> Result<(), Trouble> {
    match (event, stream) {
        (Event::User(UserEvent::Created { profile: Some(profile), .. }), StreamId::User(id)) => {
            free(tx, id, UniqueField::Username, profile.username.as_str()).await?;
            free(tx, id, UniqueField::Email, profile.email.as_str()).await
        }
        (Event::User(UserEvent::Updated { changes: Some(changes) }), StreamId::User(id)) => {
            let ProfileUpdate { username, email, .. } = changes;
            if let Some(username) = username {
                free(tx, id, UniqueField::Username, username.as_str()).await?;
            }
            if let Some(email) = email {
                free(tx, id, UniqueField::Email, email.as_str()).await?;
            }
            Ok(())
        }
        (Event::Tweet(TweetEvent::Posted { author, .. }), StreamId::Tweet(_)) => {
            if is_there(tx, *author).await? { Ok(()) } else { Err(StoreError::AuthorGone.into()) }
        }
        // Nothing personal is said of somebody who is gone: it would not be forgotten with them.
        (Event::Moderation(_), StreamId::Moderation(id)) => all_there(tx, &[id]).await,
        (Event::Report(ReportEvent::Filed { filing, .. }), StreamId::Report(_)) => {
            all_there(tx, &[filing.by, filing.about]).await
        }
        (Event::Report(ReportEvent::Resolved { filing, reason: Some(_) }), StreamId::Report(_)) => {
            all_there(tx, &[filing.about]).await
        }
        (Event::User(_), StreamId::User(_) | StreamId::Logins(_))
        | (Event::Report(_), StreamId::Report(_))
        | (Event::Tweet(_), StreamId::Tweet(_)) => Ok(()),
        (event, stream) => {
            let what = format!("a {} in the stream {stream}", event.kind());
            Err(StoreError::Corrupt(what).into())
        }
    }
}

/// Fails if somebody else has this value. Writers take turns, so what is free stays free until
/// the transaction ends.
async fn free(tx: &mut Tx<'_>, id: UserId, field: UniqueField, value: &str) -> Result<(), Trouble> {
    let name = match field {
        UniqueField::Username => "username",
        UniqueField::Email => "email",
    };
    let others = doc! { name: value, "_id": { "$ne": long(id) } };
    match tx.db.users.find_one(others).session(&mut *tx.session).await? {
        Some(_) => Err(StoreError::Taken(field).into()),
        None => Ok(()),
    }
}

/// Is there such a user?
pub(super) async fn is_there(tx: &mut Tx<'_>, user: UserId) -> Result<bool, Error> {
    let find = tx.db.users.find_one(doc! { "_id": long(user) });
    Ok(find.session(&mut *tx.session).await?.is_some())
}

async fn all_there(tx: &mut Tx<'_>, users: &[UserId]) -> Result<(), Trouble> {
    for user in users {
        if !is_there(tx, *user).await? {
            return Err(StoreError::Conflict.into());
        }
    }
    Ok(())
}

/// Writes what was checked.
pub(super) async fn apply(
    tx: &mut Tx<'_>,
    append: &Append,
    mut version: u64,
) -> Result<Appended, Trouble> {
    let by = By { at: append.at, actor: append.actor };
    for event in &append.events {
        let gone = match (event, append.stream) {
            (Event::User(UserEvent::Deleted), StreamId::User(id)) => Some(id),
            _ => None,
        };
        if let Some(user) = gone {
            // Their tweets go first, so that no tweet is ever without its author.
            delete_tweets(tx, user, by, None).await?;
        }
        version += 1;
        let document = tx.next(append.stream, version, by, event.clone())?;
        tx.db.events.insert_one(document).session(&mut *tx.session).await?;
        project(tx).await?;
        if let Some(user) = gone {
            let mut streams = vec![append.stream, StreamId::Moderation(user)];
            streams.extend(reports_of(tx, user).await?);
            for streams in streams.chunks(CHUNK) {
                erase(tx, streams.to_vec()).await?;
            }
            effects::forget(tx, user).await?;
        }
    }
    for effect in &append.effects {
        effects::apply(tx, effect).await?;
    }
    Ok(Appended { position: tx.end, version })
}

/// Projects the event that was added last.
async fn project(tx: &mut Tx<'_>) -> Result<(), Trouble> {
    let Some(recorded) = tx.events.last().cloned() else { return Ok(()) };
    match (&recorded.event, recorded.stream) {
        (Event::User(UserEvent::LoggedIn), _) | (_, StreamId::Logins(_)) => {}
        (Event::User(event), StreamId::User(id)) => {
            let find = tx.db.users.find_one(doc! { "_id": long(id) });
            let before = find.session(&mut *tx.session).await?;
            let after = projection::user(before.clone(), id, &recorded, event);
            if after != before {
                tx.put(&tx.db.users, long(id), after).await?;
            }
        }
        (Event::Tweet(TweetEvent::Posted { author, body }), StreamId::Tweet(id)) => {
            let tweet = projection::tweet(id, *author, body.as_ref(), recorded.at);
            tx.db.tweets.insert_one(tweet).session(&mut *tx.session).await?;
            count(tx, *author, 1).await?;
        }
        (Event::Tweet(TweetEvent::Deleted { author }), StreamId::Tweet(id)) => {
            let delete = tx.db.tweets.delete_one(doc! { "_id": long(id) });
            if delete.session(&mut *tx.session).await?.deleted_count > 0 {
                count(tx, *author, -1).await?;
            }
            erase(tx, vec![recorded.stream]).await?;
        }
        (Event::Tweet(TweetEvent::Hidden { .. }), StreamId::Tweet(id)) => {
            hide(tx, long(id), true).await?;
        }
        (Event::Tweet(TweetEvent::Unhidden { .. }), StreamId::Tweet(id)) => {
            hide(tx, long(id), false).await?;
        }
        (Event::Moderation(event), StreamId::Moderation(id)) => {
            let find = tx.db.users.find_one(doc! { "_id": long(id) });
            if let Some(user) = find.session(&mut *tx.session).await? {
                tx.put(&tx.db.users, long(id), Some(projection::moderated(user, event))).await?;
            }
        }
        (Event::Report(event), StreamId::Report(id)) => {
            let find = tx.db.reports.find_one(doc! { "_id": long(id) });
            let before = find.session(&mut *tx.session).await?;
            let after = projection::report(before, id, &recorded, event);
            tx.put(&tx.db.reports, long(id), after).await?;
        }
        // Refused before.
        (Event::User(_) | Event::Tweet(_) | Event::Moderation(_) | Event::Report(_), _) => {}
    }
    Ok(())
}

/// Notes that a tweet is hidden, or not.
pub(super) async fn hide(tx: &mut Tx<'_>, tweet: i64, hidden: bool) -> Result<(), Error> {
    let field = doc! { "hidden": true };
    let change = if hidden {
        doc! { "$set": field }
    } else {
        doc! { "$unset": field }
    };
    let update = tx.db.tweets.update_one(doc! { "_id": tweet }, change);
    update.session(&mut *tx.session).await.map(drop)
}

/// The streams of reports by and about a user.
async fn reports_of(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<StreamId>, Trouble> {
    let user = long(user);
    let find = tx.db.reports.find(doc! { "$or": [{ "reporter": user }, { "about": user }] });
    let mut cursor = find.session(&mut *tx.session).await?;
    let found: Vec<ReportDoc> = cursor.stream(&mut *tx.session).try_collect().await?;
    let streams = found.into_iter().map(|report| id(report.id).map(StreamId::Report));
    Ok(streams.collect::<Result<_, _>>()?)
}

/// Changes how many tweets a user has.
pub(super) async fn count(tx: &mut Tx<'_>, author: UserId, by: i64) -> Result<(), Error> {
    let more = doc! { "$inc": { "tweets_count": by } };
    let update = tx.db.users.update_one(doc! { "_id": long(author) }, more);
    update.session(&mut *tx.session).await.map(drop)
}

/// Forgets the personal parts of streams; their facts stay.
async fn erase(tx: &mut Tx<'_>, streams: Vec<StreamId>) -> Result<(), Error> {
    let names: Vec<String> = streams.iter().map(ToString::to_string).collect();
    let forget = doc! { "$unset": { "personal": 1 } };
    let update = tx.db.events.update_many(doc! { "stream": { "$in": names } }, forget);
    update.session(&mut *tx.session).await.map(drop)
}

/// Has a user more tweets than this?
pub(super) async fn has_more_tweets_than(
    tx: &mut Tx<'_>,
    author: UserId,
    few: i64,
) -> Result<bool, Error> {
    let count = tx.db.tweets.count_documents(doc! { "tweetedby": long(author) });
    let limit = few.unsigned_abs() + 1;
    Ok(count.limit(limit).session(&mut *tx.session).await? >= limit)
}

/// Deletes what a user has tweeted: all, or the oldest few.
pub(super) async fn delete_tweets(
    tx: &mut Tx<'_>,
    author: UserId,
    by: By,
    few: Option<i64>,
) -> Result<(), Trouble> {
    let find = tx.db.tweets.find(doc! { "tweetedby": long(author) }).sort(doc! { "_id": 1 });
    // No limit is 0.
    let mut cursor = find.limit(few.unwrap_or(0)).session(&mut *tx.session).await?;
    let tweets: Vec<_> = cursor.stream(&mut *tx.session).try_collect().await?;
    let tweets: Vec<TweetId> =
        tweets.into_iter().map(|tweet| id(tweet.id)).collect::<Result<_, _>>()?;
    for tweets in tweets.chunks(CHUNK) {
        let streams: Vec<StreamId> = tweets.iter().copied().map(StreamId::Tweet).collect();
        let versions = versions(tx, &streams).await?;
        let mut documents: Vec<EventDoc> = Vec::with_capacity(streams.len());
        for stream in &streams {
            let version = versions.get(&stream.to_string()).copied().unwrap_or(0) + 1;
            let event = TweetEvent::Deleted { author }.into();
            documents.push(tx.next(*stream, version, by, event)?);
        }
        tx.db.events.insert_many(documents).session(&mut *tx.session).await?;
        erase(tx, streams).await?;
        let ids: Vec<i64> = tweets.iter().copied().map(long).collect();
        let gone = ids.len() as i64;
        let delete = tx.db.tweets.delete_many(doc! { "_id": { "$in": ids } });
        delete.session(&mut *tx.session).await?;
        count(tx, author, -gone).await?;
    }
    Ok(())
}

/// The versions of streams that are there.
pub(super) async fn versions(
    tx: &mut Tx<'_>,
    streams: &[StreamId],
) -> Result<HashMap<String, u64>, Error> {
    let names: Vec<String> = streams.iter().map(ToString::to_string).collect();
    let events = tx.db.events.clone_with_type::<Document>();
    let find = events.find(doc! { "stream": { "$in": names } });
    let find = find.projection(doc! { "stream": 1, "version": 1 });
    let mut cursor = find.session(&mut *tx.session).await?;
    let mut found = cursor.stream(&mut *tx.session);
    let mut versions = HashMap::new();
    while let Some(event) = found.try_next().await? {
        if let (Ok(stream), Ok(version)) = (event.get_str("stream"), event.get_i64("version")) {
            let last = versions.entry(stream.to_owned()).or_insert(0);
            *last = version.unsigned_abs().max(*last);
        }
    }
    Ok(versions)
}
