//! Moving a whole store.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::bson::{Bson, DateTime, Document, doc};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::{Event, Recorded, StreamId, UserId};

use super::MongoStore;
use super::append;
use super::db::primary;
use super::documents::{CredentialDoc, EventDoc, ReportDoc, TweetDoc, UserDoc, bytes, long};
use super::projection;
use super::proofs::ProofDoc;
use super::transaction::{Trouble, Tx, Work, transact};
use crate::storage::proofs::NEVER_MS;
use crate::storage::{Archive, Credential, Proof, ProofKey, ProofKind, StoreError};

/// How long a batch of restored events may take: they are many.
const RESTORING: u32 = 15;

#[async_trait]
impl Archive for MongoStore {
    async fn credentials_after(
        &self,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Credential>, StoreError> {
        let above = doc! { "_id": { "$gt": after.map_or(0, long) } };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        if limit == 0 {
            return Ok(Vec::new());
        }
        self.db
            .patiently(async {
                let find = self.db.credentials.find(above).sort(doc! { "_id": 1 }).limit(limit);
                let found: Vec<CredentialDoc> =
                    find.selection_criteria(primary()).await?.try_collect().await?;
                found.into_iter().map(CredentialDoc::credential).collect()
            })
            .await
    }

    async fn restore_events(&self, events: Vec<Recorded>) -> Result<(), StoreError> {
        let deadline = Instant::now() + self.db.patience * RESTORING;
        let mut work = Restore { events };
        let (_, events) = transact(&self.db, deadline, &mut work).await?;
        self.front.publish(&self.db, events).await;
        Ok(())
    }

    async fn restore_credentials(&self, credentials: Vec<Credential>) -> Result<(), StoreError> {
        let deadline = Instant::now() + self.db.patience * RESTORING;
        let mut work = RestoreCredentials { credentials };
        transact(&self.db, deadline, &mut work).await.map(drop)
    }

    async fn proofs_after(
        &self,
        after: Option<ProofKey>,
        limit: usize,
    ) -> Result<Vec<Proof>, StoreError> {
        let kinds: Vec<&str> =
            ProofKind::ALL.into_iter().filter(|kind| kind.lasts()).map(ProofKind::as_str).collect();
        let mut lasting = doc! {
            "kind": { "$in": kinds },
            "expires_at": DateTime::from_millis(NEVER_MS),
        };
        if let Some(after) = after {
            lasting.insert("_id", doc! { "$gt": bytes(&after.0) });
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        if limit == 0 {
            return Ok(Vec::new());
        }
        self.db
            .patiently(async {
                let find = self.db.proofs.find(lasting).sort(doc! { "_id": 1 }).limit(limit);
                let found: Vec<ProofDoc> =
                    find.selection_criteria(primary()).await?.try_collect().await?;
                found.into_iter().map(ProofDoc::proof).collect()
            })
            .await
    }

    async fn restore_proofs(&self, proofs: Vec<Proof>) -> Result<(), StoreError> {
        let deadline = Instant::now() + self.db.patience * RESTORING;
        let mut work = RestoreProofs { proofs };
        transact(&self.db, deadline, &mut work).await.map(drop)
    }
}

struct Restore {
    events: Vec<Recorded>,
}

#[async_trait]
impl Work for Restore {
    type Done = ();

    async fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Trouble> {
        let mut end = tx.end.0;
        let mut documents = Vec::with_capacity(self.events.len());
        for event in &self.events {
            end += 1;
            if event.position.0 != end {
                return Err(StoreError::Conflict.into());
            }
            documents.push(EventDoc::of(event)?);
        }
        if documents.is_empty() {
            return Ok(());
        }
        let changes = self.project(tx).await?;
        tx.db.events.insert_many(documents).session(&mut *tx.session).await?;
        changes.write(tx).await?;
        tx.end = siskin_domain::Position(end);
        tx.events.clone_from(&self.events);
        tx.dirty = true;
        Ok(())
    }
}

/// What a row of events does to the projections, all in all.
#[derive(Default)]
struct Changes {
    users: BTreeMap<i64, Option<UserDoc>>,
    tweets: BTreeMap<i64, TweetDoc>,
    gone: BTreeSet<i64>,
    /// Tweets from before that are hidden, or not any more.
    hidden: BTreeMap<i64, bool>,
    reports: BTreeMap<i64, Option<ReportDoc>>,
}

impl Restore {
    async fn project(&self, tx: &mut Tx<'_>) -> Result<Changes, Trouble> {
        let mut changes = Changes::default();
        let (mut users, mut deleted) = (BTreeSet::new(), BTreeSet::new());
        let mut reports = Vec::new();
        for event in &self.events {
            match (&event.event, event.stream) {
                (Event::Tweet(TweetEvent::Posted { author, .. }), _) => {
                    users.insert(long(*author));
                }
                (Event::Tweet(TweetEvent::Deleted { author }), StreamId::Tweet(id)) => {
                    users.insert(long(*author));
                    deleted.insert(long(id));
                }
                (_, StreamId::User(id) | StreamId::Moderation(id)) => {
                    users.insert(long(id));
                }
                (_, StreamId::Report(id)) => reports.push(long(id)),
                _ => {}
            }
        }
        let ids: Vec<i64> = users.into_iter().collect();
        let find = tx.db.users.find(doc! { "_id": { "$in": ids } });
        let mut cursor = find.session(&mut *tx.session).await?;
        let found: Vec<UserDoc> = cursor.stream(&mut *tx.session).try_collect().await?;
        changes.users.extend(found.into_iter().map(|user| (user.id, Some(user))));
        let find = tx.db.reports.find(doc! { "_id": { "$in": reports } });
        let mut cursor = find.session(&mut *tx.session).await?;
        let found: Vec<ReportDoc> = cursor.stream(&mut *tx.session).try_collect().await?;
        changes.reports.extend(found.into_iter().map(|report| (report.id, Some(report))));
        let ids: Vec<i64> = deleted.into_iter().collect();
        let tweets = tx.db.tweets.clone_with_type::<Document>();
        let find = tweets.find(doc! { "_id": { "$in": ids } }).projection(doc! { "_id": 1 });
        let mut cursor = find.session(&mut *tx.session).await?;
        let there: Vec<Document> = cursor.stream(&mut *tx.session).try_collect().await?;
        let mut there: BTreeSet<i64> =
            there.iter().filter_map(|tweet| tweet.get_i64("_id").ok()).collect();
        for event in &self.events {
            changes.add(event, &mut there);
        }
        Ok(changes)
    }
}

impl Changes {
    fn add(&mut self, recorded: &Recorded, there: &mut BTreeSet<i64>) {
        match (&recorded.event, recorded.stream) {
            (Event::User(event), StreamId::User(id)) => {
                let before = self.users.remove(&long(id)).flatten();
                let after = projection::user(before, id, recorded, event);
                self.users.insert(long(id), after);
            }
            (Event::Tweet(TweetEvent::Posted { author, body }), StreamId::Tweet(id)) => {
                // Without its author it is the trace of somebody who was forgotten later.
                let author_stays = self.count(long(*author), 1);
                if author_stays {
                    let tweet = projection::tweet(id, *author, body.as_ref(), recorded.at);
                    self.tweets.insert(long(id), tweet);
                }
            }
            (Event::Tweet(TweetEvent::Deleted { author }), StreamId::Tweet(id)) => {
                let id = long(id);
                self.hidden.remove(&id);
                let new = self.tweets.remove(&id).is_some();
                let old = there.remove(&id);
                if old {
                    self.gone.insert(id);
                }
                if new || old {
                    self.count(long(*author), -1);
                }
            }
            (Event::Tweet(TweetEvent::Hidden { .. }), StreamId::Tweet(id)) => {
                self.hide(long(id), true);
            }
            (Event::Tweet(TweetEvent::Unhidden { .. }), StreamId::Tweet(id)) => {
                self.hide(long(id), false);
            }
            (Event::Moderation(event), StreamId::Moderation(id)) => {
                if let Some(user) = self.users.get_mut(&long(id)) {
                    *user = user.take().map(|user| projection::moderated(user, event));
                }
            }
            (Event::Report(event), StreamId::Report(id)) => {
                let before = self.reports.remove(&long(id)).flatten();
                let after = projection::report(before, id, recorded, event);
                self.reports.insert(long(id), after);
            }
            _ => {}
        }
    }

    fn hide(&mut self, tweet: i64, hidden: bool) {
        match self.tweets.get_mut(&tweet) {
            Some(new) => new.hidden = hidden.then_some(true),
            None => drop(self.hidden.insert(tweet, hidden)),
        }
    }

    fn count(&mut self, author: i64, by: i64) -> bool {
        match self.users.get_mut(&author) {
            Some(Some(user)) => {
                user.tweets_count += by;
                true
            }
            _ => false,
        }
    }

    async fn write(self, tx: &mut Tx<'_>) -> Result<(), Trouble> {
        let gone: Vec<i64> = self.gone.into_iter().collect();
        if !gone.is_empty() {
            let delete = tx.db.tweets.delete_many(doc! { "_id": { "$in": gone } });
            delete.session(&mut *tx.session).await?;
        }
        if !self.tweets.is_empty() {
            let tweets = self.tweets.into_values();
            tx.db.tweets.insert_many(tweets).session(&mut *tx.session).await?;
        }
        for (tweet, hidden) in self.hidden {
            append::hide(tx, tweet, hidden).await?;
        }
        for (id, report) in self.reports {
            tx.put(&tx.db.reports, id, report).await?;
        }
        if !self.users.is_empty() {
            let ids = self.users.keys().copied().collect();
            let users = self.users.into_values().flatten().collect();
            tx.put_all(&tx.db.users, ids, users).await?;
        }
        Ok(())
    }
}

struct RestoreCredentials {
    credentials: Vec<Credential>,
}

#[async_trait]
impl Work for RestoreCredentials {
    type Done = ();

    async fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Trouble> {
        let ids: Vec<i64> = self.credentials.iter().map(|c| long(c.user)).collect();
        let there = those_there(tx, &ids).await?;
        let credentials: Vec<CredentialDoc> = self
            .credentials
            .iter()
            .map(CredentialDoc::of)
            .filter(|credential| there.contains(&credential.user))
            .collect();
        let delete = tx.db.credentials.delete_many(doc! { "_id": { "$in": ids } });
        delete.session(&mut *tx.session).await?;
        if !credentials.is_empty() {
            tx.db.credentials.insert_many(credentials).session(&mut *tx.session).await?;
        }
        tx.dirty = true;
        Ok(())
    }
}

struct RestoreProofs {
    proofs: Vec<Proof>,
}

#[async_trait]
impl Work for RestoreProofs {
    type Done = ();

    async fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Trouble> {
        let users: Vec<i64> = self.proofs.iter().filter_map(|p| p.user.map(long)).collect();
        let there = those_there(tx, &users).await?;
        let kept = self.proofs.iter().filter(|p| p.user.is_none_or(|u| there.contains(&long(u))));
        let kept: Vec<ProofDoc> = kept.map(ProofDoc::of).collect();
        let keys: Vec<Bson> = kept.iter().map(|proof| proof.key.clone().into()).collect();
        let delete = tx.db.proofs.delete_many(doc! { "_id": { "$in": keys } });
        delete.session(&mut *tx.session).await?;
        if !kept.is_empty() {
            tx.db.proofs.insert_many(kept).session(&mut *tx.session).await?;
        }
        tx.dirty = true;
        Ok(())
    }
}

/// Which of these users are there.
async fn those_there(tx: &mut Tx<'_>, ids: &[i64]) -> Result<BTreeSet<i64>, Trouble> {
    let find = tx.db.users.find(doc! { "_id": { "$in": ids.to_vec() } });
    let mut cursor = find.session(&mut *tx.session).await?;
    let there: Vec<UserDoc> = cursor.stream(&mut *tx.session).try_collect().await?;
    Ok(there.into_iter().map(|user| user.id).collect())
}
