//! What seemed to differ, looked at again in a transaction, and repaired there if that is asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::Collection;
use mongodb::bson::{Document, doc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use siskin_domain::{ReportId, StreamId, TweetId, UserId};

use super::super::documents::{EventDoc, ReportDoc, TweetDoc, UserDoc, id, long};
use super::super::transaction::{Trouble, Tx, Work};
use super::made::{expected_report, expected_standing, expected_tweet, expected_user};
use crate::storage::Difference;

/// Documents to be looked at again.
pub(super) enum Again {
    Tweets(Vec<TweetId>),
    Users(Vec<UserId>),
    Reports(Vec<ReportId>),
}

/// The look at them.
pub(super) struct Look {
    pub(super) what: Again,
    pub(super) repair: bool,
}

#[async_trait]
impl Work for Look {
    type Done = Vec<Difference>;

    async fn run(&mut self, tx: &mut Tx<'_>) -> Result<Self::Done, Trouble> {
        match &self.what {
            Again::Tweets(ids) => {
                let streams = streams(tx, ids.iter().copied().map(StreamId::Tweet)).await?;
                let mut pairs = Pairs::of(tx, &tx.db.tweets, ids.iter().copied().map(long)).await?;
                for id in ids {
                    pairs.made(long(*id), expected_tweet(events(&streams, StreamId::Tweet(*id)))?);
                }
                pairs.end(tx, &tx.db.tweets, "tweets", tweet_fields, self.repair).await
            }
            Again::Users(ids) => {
                let mut pairs = users(tx, ids).await?;
                if self.repair {
                    let mut known: BTreeSet<i64> = ids.iter().copied().map(long).collect();
                    loop {
                        let holders = holders(tx, &pairs, &known).await?;
                        if holders.is_empty() {
                            break;
                        }
                        known.extend(holders.iter().copied().map(long));
                        pairs.0.extend(users(tx, &holders).await?.0);
                    }
                }
                pairs.end(tx, &tx.db.users, "users", user_fields, self.repair).await
            }
            Again::Reports(ids) => {
                let streams = streams(tx, ids.iter().copied().map(StreamId::Report)).await?;
                let mut pairs =
                    Pairs::of(tx, &tx.db.reports, ids.iter().copied().map(long)).await?;
                for id in ids {
                    let made = expected_report(events(&streams, StreamId::Report(*id)))?;
                    pairs.made(long(*id), made);
                }
                pairs.end(tx, &tx.db.reports, "reports", report_fields, self.repair).await
            }
        }
    }
}

/// Users as they are and as they should be.
async fn users(tx: &mut Tx<'_>, ids: &[UserId]) -> Result<Pairs<UserDoc>, Trouble> {
    let own = ids.iter().flat_map(|id| [StreamId::User(*id), StreamId::Moderation(*id)]);
    let streams = streams(tx, own).await?;
    let counts = counts(tx, ids).await?;
    let mut pairs = Pairs::of(tx, &tx.db.users, ids.iter().copied().map(long)).await?;
    for id in ids {
        let standing = expected_standing(events(&streams, StreamId::Moderation(*id)))?;
        let made = expected_user(events(&streams, StreamId::User(*id)), standing)?;
        let tweets_count = counts.get(&long(*id)).copied().unwrap_or(0);
        pairs.made(long(*id), made.map(|made| UserDoc { tweets_count, ..made }));
    }
    Ok(pairs)
}

/// Others who have what one of these users should have, a name or an address: theirs is wrong, and goes
/// in the same transaction.
async fn holders(
    tx: &mut Tx<'_>,
    pairs: &Pairs<UserDoc>,
    known: &BTreeSet<i64>,
) -> Result<Vec<UserId>, Trouble> {
    let made: Vec<&UserDoc> = pairs.0.values().filter_map(|(_, made)| made.as_ref()).collect();
    let names: Vec<&str> = made.iter().map(|made| made.username.as_str()).collect();
    let addresses: Vec<&str> = made.iter().map(|made| made.email.as_str()).collect();
    let same = doc! {
        "_id": { "$nin": known.iter().copied().collect::<Vec<i64>>() },
        "$or": [{ "username": { "$in": names } }, { "email": { "$in": addresses } }],
    };
    let mut cursor = tx.db.users.find(same).session(&mut *tx.session).await?;
    let found: Vec<UserDoc> = cursor.stream(&mut *tx.session).try_collect().await?;
    Ok(found.into_iter().map(|user| id(user.id)).collect::<Result<_, _>>()?)
}

/// How many tweets users have.
async fn counts(tx: &mut Tx<'_>, users: &[UserId]) -> Result<HashMap<i64, i64>, Trouble> {
    let ids: Vec<i64> = users.iter().copied().map(long).collect();
    let tweets = tx.db.tweets.aggregate([
        doc! { "$match": { "tweetedby": { "$in": ids } } },
        doc! { "$group": { "_id": "$tweetedby", "count": { "$sum": 1_i64 } } },
    ]);
    let mut cursor = tweets.session(&mut *tx.session).await?;
    let found: Vec<Document> = cursor.stream(&mut *tx.session).try_collect().await?;
    let count = |found: Document| {
        let count = found.get_i64("count").or_else(|_| found.get_i32("count").map(i64::from));
        Some((found.get_i64("_id").ok()?, count.ok()?))
    };
    Ok(found.into_iter().filter_map(count).collect())
}

/// Streams as a transaction sees them, each in its order.
async fn streams(
    tx: &mut Tx<'_>,
    streams: impl Iterator<Item = StreamId>,
) -> Result<HashMap<String, Vec<EventDoc>>, Trouble> {
    let names: Vec<String> = streams.map(|stream| stream.to_string()).collect();
    let find = tx.db.events.find(doc! { "stream": { "$in": names } });
    let by_stream = doc! { "stream": 1, "version": 1 };
    let mut cursor = find.sort(by_stream).session(&mut *tx.session).await?;
    let mut events = cursor.stream(&mut *tx.session);
    let mut streams: HashMap<String, Vec<EventDoc>> = HashMap::new();
    while let Some(event) = events.try_next().await? {
        streams.entry(event.stream.clone()).or_default().push(event);
    }
    Ok(streams)
}

fn events(streams: &HashMap<String, Vec<EventDoc>>, stream: StreamId) -> &[EventDoc] {
    streams.get(&stream.to_string()).map_or(&[], Vec::as_slice)
}

/// Documents by their ids: as they are, and as they should be.
struct Pairs<T>(BTreeMap<i64, (Option<T>, Option<T>)>);

impl<T> Pairs<T>
where
    T: PartialEq + Serialize + DeserializeOwned + Unpin + Send + Sync,
{
    /// The live ones.
    async fn of(
        tx: &mut Tx<'_>,
        collection: &Collection<T>,
        ids: impl Iterator<Item = i64>,
    ) -> Result<Self, Trouble>
    where
        T: Keyed,
    {
        let ids: Vec<i64> = ids.collect();
        let find = collection.find(doc! { "_id": { "$in": ids } });
        let mut cursor = find.session(&mut *tx.session).await?;
        let live: Vec<T> = cursor.stream(&mut *tx.session).try_collect().await?;
        Ok(Self(live.into_iter().map(|live| (live.key(), (Some(live), None))).collect()))
    }

    fn made(&mut self, id: i64, made: Option<T>) {
        self.0.entry(id).or_default().1 = made;
    }

    /// What differs. To repair it, all that is wrong goes before what is right comes: a name may be
    /// somebody else's.
    async fn end(
        self,
        tx: &mut Tx<'_>,
        collection: &Collection<T>,
        projection: &'static str,
        fields: fn(&T, &T) -> Vec<&'static str>,
        repair: bool,
    ) -> Result<Vec<Difference>, Trouble> {
        let (mut differences, mut wrong, mut right) = (Vec::new(), Vec::new(), Vec::new());
        for (id, (live, made)) in self.0 {
            let Some(what) = differs(&live, &made, fields) else { continue };
            differences.push(Difference { projection, key: id.to_string(), what });
            wrong.push(id);
            right.extend(made);
        }
        if repair && !wrong.is_empty() {
            tx.put_all(collection, wrong, right).await?;
        }
        Ok(differences)
    }
}

/// What has an id.
trait Keyed {
    fn key(&self) -> i64;
}

impl Keyed for TweetDoc {
    fn key(&self) -> i64 {
        self.id
    }
}

impl Keyed for UserDoc {
    fn key(&self) -> i64 {
        self.id
    }
}

impl Keyed for ReportDoc {
    fn key(&self) -> i64 {
        self.id
    }
}

/// What differs, in words; nothing if nothing does.
fn differs<T: PartialEq>(
    live: &Option<T>,
    made: &Option<T>,
    fields: fn(&T, &T) -> Vec<&'static str>,
) -> Option<String> {
    match (live, made) {
        (None, None) => None,
        (None, Some(_)) => Some("is missing".to_owned()),
        (Some(_), None) => Some("is not in the log".to_owned()),
        (Some(live), Some(made)) if live == made => None,
        (Some(live), Some(made)) => Some(format!("differs in {}", fields(live, made).join(", "))),
    }
}

fn tweet_fields(live: &TweetDoc, made: &TweetDoc) -> Vec<&'static str> {
    differing([
        ("tweetedby", live.tweetedby != made.tweetedby),
        ("body", live.body != made.body),
        ("timestamp", live.timestamp != made.timestamp),
        ("hidden", live.hidden != made.hidden),
    ])
}

fn user_fields(live: &UserDoc, made: &UserDoc) -> Vec<&'static str> {
    differing([
        ("username", live.username != made.username),
        ("email", live.email != made.email),
        ("name", live.name != made.name),
        ("bio", live.bio != made.bio),
        ("role", live.role != made.role),
        ("created_at", live.created_at != made.created_at),
        ("tweets_count", live.tweets_count != made.tweets_count),
        ("version", live.version != made.version),
        ("standing", live.standing != made.standing),
    ])
}

fn report_fields(live: &ReportDoc, made: &ReportDoc) -> Vec<&'static str> {
    differing([
        ("reporter", live.reporter != made.reporter),
        ("about", live.about != made.about),
        ("tweet", live.tweet != made.tweet),
        ("at", live.at != made.at),
        ("open", live.open != made.open),
        ("resolved_at", live.resolved_at != made.resolved_at),
        ("resolved_by", live.resolved_by != made.resolved_by),
    ])
}

fn differing<const N: usize>(fields: [(&'static str, bool); N]) -> Vec<&'static str> {
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}
