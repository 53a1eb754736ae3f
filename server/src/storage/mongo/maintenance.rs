//! What operators do.
//!
//! A projection's document is made of one stream (and, for a user, of a count and of what
//! moderators did about them). So the log is
//! read stream by stream in the order of its index, with no more in memory than a few documents
//! and one number per author, while the servers go on; whatever seems to differ is looked at
//! again in a transaction of its own, where nothing moves, and there repaired if that is asked.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::Collection;
use mongodb::bson::{DateTime, Document, doc};
use siskin_domain::{Id, ReportId, StreamId, Timestamp, TweetId, UserId};

use super::MongoStore;
use super::db::{Db, closed, primary};
use super::documents::{ReportDoc, TweetDoc, UserDoc, date, id};
use super::transaction::transact;
use crate::storage::{Difference, Maintenance, PROJECTED, StoreError, Verification, Vitals};

mod acts;
mod again;
mod made;

use again::{Again, Look};
use made::{All, Made};

/// So many documents are compared at once.
const CHUNK: usize = 500;
/// So many are looked at again in one transaction, while others wait for the log's lock: with few commands
/// and short ones, it ends soon also where each takes long.
const AGAIN: usize = 25;
/// The counter that says of which shape the projections are.
const SHAPE: &str = "projected";
/// The counter that says which acts are marked, also those that earlier versions wrote.
const ACTS: &str = "acts";
/// The acts that this version marks: raised when more kinds of events become acts.
const ACTS_MARKED: i64 = 1;

#[async_trait]
impl Maintenance for MongoStore {
    async fn ping(&self) -> Result<(), StoreError> {
        if self.db.is_closed() {
            return Err(closed());
        }
        let seen = doc! { "$set": { "position": 0_i64, "turn": 0_i64, "at": DateTime::now() } };
        self.db
            .patiently(async {
                // A write that a majority confirms: reading alone would not show a lost primary.
                let ping = self.db.counters.update_one(doc! { "_id": "ping" }, seen).upsert(true);
                match ping.await {
                    // Two pings at once may both try to make the document.
                    Err(error) if super::error::is_duplicate(&error) => Ok(()),
                    done => Ok(done.map(drop)?),
                }
            })
            .await
    }

    async fn rebuild_projections(&self) -> Result<u64, StoreError> {
        let scan = scan(&self.db).await?;
        check_again(&self.db, &scan, true).await?;
        acts::mark(&self.db).await?;
        self.front.renew();
        Ok(scan.events)
    }

    async fn reshape_projections(&self) -> Result<u64, StoreError> {
        // Both shapes of a document can be read, so they are mended where they are, one by one.
        if noted(&self.db, ACTS).await?.unwrap_or(0) < ACTS_MARKED {
            acts::mark(&self.db).await?;
            note(&self.db, ACTS, ACTS_MARKED).await?;
        }
        // Stores from before there was a mark have the first shape.
        if noted(&self.db, SHAPE).await?.unwrap_or(1) >= PROJECTED {
            return Ok(0);
        }
        let events = self.rebuild_projections().await?;
        note(&self.db, SHAPE, PROJECTED).await?;
        Ok(events)
    }

    async fn check(&self) -> Result<(), StoreError> {
        // MongoDB looks after its own files.
        Ok(())
    }

    async fn verify_projections(&self) -> Result<Verification, StoreError> {
        let scan = scan(&self.db).await?;
        let differences = check_again(&self.db, &scan, false).await?;
        Ok(Verification { events: scan.events, rows: scan.rows, differences })
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let expired = doc! { "expires_at": { "$lte": date(now) } };
        self.db
            .patiently(async {
                let sessions = self.db.sessions.delete_many(expired.clone()).await?.deleted_count;
                let answers = self.db.answers.delete_many(expired.clone()).await?.deleted_count;
                let proofs = self.db.proofs.delete_many(expired).await?.deleted_count;
                // Full buckets are as good as none.
                let full = doc! { "full_at": { "$lte": now.unix_ms() } };
                self.db.throttles.delete_many(full).await?;
                Ok(sessions + answers + proofs)
            })
            .await
    }

    fn is_on_this_machine(&self) -> bool {
        false
    }

    async fn vitals(&self) -> Result<Vitals, StoreError> {
        self.look().await
    }

    async fn close(&self) {
        self.writer.close().await;
        self.db.close();
        self.stop_following().await;
    }
}

/// The number that a counter notes, if it is there.
async fn noted(db: &Db, counter: &str) -> Result<Option<i64>, StoreError> {
    let found = db.counters.find_one(doc! { "_id": counter });
    Ok(found.selection_criteria(primary()).await?.map(|found| found.position))
}

/// Notes a number.
async fn note(db: &Db, counter: &str, number: i64) -> Result<(), StoreError> {
    let note = doc! { "$set": { "position": number, "turn": 0_i64, "at": DateTime::now() } };
    match db.counters.update_one(doc! { "_id": counter }, note).upsert(true).await {
        // Another server that did the same was faster.
        Err(error) if super::error::is_duplicate(&error) => Ok(()),
        done => Ok(done.map(drop)?),
    }
}

/// What a reading of the whole log found.
#[derive(Default)]
struct Scan {
    events: u64,
    rows: u64,
    /// Tweets, users and reports whose documents seem not to be what the log makes of them.
    tweets: Vec<TweetId>,
    users: Vec<UserId>,
    reports: Vec<ReportId>,
}

/// Reads the whole log and compares while it reads.
async fn scan(db: &Db) -> Result<Scan, StoreError> {
    let mut scan = Scan::default();
    let mut counts: HashMap<i64, i64> = HashMap::new();
    let by_stream = doc! { "stream": 1, "version": 1 };
    let find = db.events.find(doc! {}).sort(by_stream).selection_criteria(primary());
    let mut events = find.await?;
    let mut made = Made::default();
    while let Some(event) = events.try_next().await? {
        scan.events += 1;
        made.add(event)?;
        if made.whole() >= CHUNK {
            compare(db, &mut scan, &mut counts, made.take()).await?;
        }
    }
    compare(db, &mut scan, &mut counts, made.take_all()?).await?;
    compare_live(db, &mut scan, &counts).await?;
    Ok(scan)
}

/// Compares documents made from the log with the live ones.
async fn compare(
    db: &Db,
    scan: &mut Scan,
    counts: &mut HashMap<i64, i64>,
    made: All,
) -> Result<(), StoreError> {
    let All { users, tweets, reports } = made;
    let there = |ids: Vec<i64>| doc! { "_id": { "$in": ids } };
    let live = db.users.find(there(users.keys().copied().collect()));
    let live: Vec<UserDoc> = live.selection_criteria(primary()).await?.try_collect().await?;
    let mut live: HashMap<i64, UserDoc> = live.into_iter().map(|u| (u.id, u)).collect();
    for (id, made) in users {
        scan.rows += u64::from(made.is_some());
        // How many tweets there are is compared at the end.
        let live = live.remove(&id).map(|user| UserDoc { tweets_count: 0, ..user });
        if live != made {
            scan.users.push(super::documents::id(id)?);
        }
    }
    let live = db.tweets.find(there(tweets.keys().copied().collect()));
    let live: Vec<TweetDoc> = live.selection_criteria(primary()).await?.try_collect().await?;
    let mut live: HashMap<i64, TweetDoc> = live.into_iter().map(|t| (t.id, t)).collect();
    for (id, made) in tweets {
        scan.rows += u64::from(made.is_some());
        if let Some(tweet) = &made {
            *counts.entry(tweet.tweetedby).or_default() += 1;
        }
        if live.remove(&id) != made {
            scan.tweets.push(super::documents::id(id)?);
        }
    }
    if reports.is_empty() {
        return Ok(());
    }
    let live = db.reports.find(there(reports.keys().copied().collect()));
    let live: Vec<ReportDoc> = live.selection_criteria(primary()).await?.try_collect().await?;
    let mut live: HashMap<i64, ReportDoc> = live.into_iter().map(|r| (r.id, r)).collect();
    for (id, made) in reports {
        scan.rows += u64::from(made.is_some());
        if live.remove(&id) != made {
            scan.reports.push(super::documents::id(id)?);
        }
    }
    Ok(())
}

/// Looks for what is live but not in the log, and for wrong counts.
async fn compare_live(
    db: &Db,
    scan: &mut Scan,
    counts: &HashMap<i64, i64>,
) -> Result<(), StoreError> {
    let mut users = db.users.find(doc! {}).selection_criteria(primary()).await?;
    let mut ids = Vec::new();
    while let Some(user) = users.try_next().await? {
        if counts.get(&user.id).copied().unwrap_or(0) != user.tweets_count {
            scan.users.push(id(user.id)?);
        }
        ids.push(user.id);
        if ids.len() >= CHUNK {
            scan.users.extend(unknown(db, std::mem::take(&mut ids), StreamId::User).await?);
        }
    }
    scan.users.extend(unknown(db, std::mem::take(&mut ids), StreamId::User).await?);
    let tweets = db.tweets.clone_with_type::<Document>();
    scan.tweets.extend(all_unknown(db, tweets, StreamId::Tweet).await?);
    let reports = db.reports.clone_with_type::<Document>();
    scan.reports.extend(all_unknown(db, reports, StreamId::Report).await?);
    Ok(())
}

/// Those of a collection's documents whose streams have no event.
async fn all_unknown<K>(
    db: &Db,
    collection: Collection<Document>,
    stream: fn(Id<K>) -> StreamId,
) -> Result<Vec<Id<K>>, StoreError> {
    let (mut found, mut ids) = (Vec::new(), Vec::new());
    let all = collection.find(doc! {}).projection(doc! { "_id": 1 });
    let mut all = all.selection_criteria(primary()).await?;
    while let Some(one) = all.try_next().await? {
        ids.extend(one.get_i64("_id"));
        if ids.len() >= CHUNK {
            found.extend(unknown(db, std::mem::take(&mut ids), stream).await?);
        }
    }
    found.extend(unknown(db, ids, stream).await?);
    Ok(found)
}

/// Those of the ids whose streams have no event.
async fn unknown<K>(
    db: &Db,
    ids: Vec<i64>,
    stream: fn(Id<K>) -> StreamId,
) -> Result<Vec<Id<K>>, StoreError> {
    let mut names = HashMap::new();
    for raw in ids {
        let id = id(raw)?;
        names.insert(stream(id).to_string(), id);
    }
    let known: Vec<&String> = names.keys().collect();
    let events = db.events.clone_with_type::<Document>();
    let find = events.find(doc! { "stream": { "$in": known }, "version": 1_i64 });
    let mut known = find.projection(doc! { "stream": 1 }).selection_criteria(primary()).await?;
    while let Some(event) = known.try_next().await? {
        event.get_str("stream").ok().map(|stream| names.remove(stream));
    }
    Ok(names.into_values().collect())
}

/// Looks again at what seemed to differ, where nothing moves: tweets before the users that count
/// them.
async fn check_again(db: &Db, scan: &Scan, repair: bool) -> Result<Vec<Difference>, StoreError> {
    let mut differences = Vec::new();
    let mut users = scan.users.clone();
    users.sort_unstable();
    users.dedup();
    for some in scan.reports.chunks(AGAIN) {
        differences.extend(look(db, Again::Reports(some.to_vec()), repair).await?);
    }
    for some in scan.tweets.chunks(AGAIN) {
        differences.extend(look(db, Again::Tweets(some.to_vec()), repair).await?);
    }
    for some in users.chunks(AGAIN) {
        differences.extend(look(db, Again::Users(some.to_vec()), repair).await?);
    }
    // Whoever had somebody else's name was looked at with them, and may have a turn of their own.
    let mut named = HashSet::new();
    differences.retain(|found| named.insert((found.projection, found.key.clone())));
    Ok(differences)
}

async fn look(db: &Db, what: Again, repair: bool) -> Result<Vec<Difference>, StoreError> {
    let mut work = Look { what, repair };
    Ok(transact(db, Instant::now() + db.patience * 4, &mut work).await?.0)
}
