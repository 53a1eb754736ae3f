//! One transaction that holds the log's lock, and its repetition when it is lost.
//!
//! Every transaction that appends begins by changing the counter `log`. MongoDB lets one of two
//! transactions that change the same document commit and fails the other at once, so writers
//! of all servers take turns: positions have no gap, and what one has read stays true until it
//! commits. Lost turns are repeated as the drivers' specification of transactions says.
//!
//! All transactions of this process use one session ([`turn`](super::turn)): the next one on it
//! ends whatever a fault has left of the last, lock and all.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use mongodb::bson::doc;
use mongodb::error::{Error, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::{Acknowledgment, ReadConcern, ReturnDocument, WriteConcern};
use mongodb::{ClientSession, Collection};
use serde::Serialize;
use siskin_domain::{Event, Position, Recorded, StreamId, Timestamp, UserId};

use super::db::{Db, LOG, primary, too_slow};
use super::documents::EventDoc;
use super::error::is_duplicate;
use super::turn;
use crate::storage::StoreError;

/// The longest wait before a lost turn is tried again; the first is a sixteenth of it.
const LONGEST_WAIT: Duration = Duration::from_millis(32);
/// So often a value that another writer beat us to is looked at again.
const DUPLICATES: u32 = 3;

/// Why a transaction's work stops.
pub(super) enum Trouble {
    /// The driver's error: perhaps to be repeated.
    Driver(Error),
    /// A refusal, or what can't be read: never repeated.
    Refused(StoreError),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

/// What is done in a transaction. It may be run several times, of which one counts.
#[async_trait]
pub(super) trait Work: Send {
    /// What comes of it.
    type Done: Send;
    /// Does it.
    async fn run(&mut self, tx: &mut Tx<'_>) -> Result<Self::Done, Trouble>;
}

/// A transaction under way, with the log's lock.
pub(super) struct Tx<'a> {
    pub(super) db: &'a Db,
    pub(super) session: &'a mut ClientSession,
    /// The log's end, with what was added here.
    pub(super) end: Position,
    /// What was added here.
    pub(super) events: Vec<Recorded>,
    /// Whether anything was written.
    pub(super) dirty: bool,
}

/// When and by whom something was decided.
#[derive(Clone, Copy)]
pub(super) struct By {
    pub(super) at: Timestamp,
    pub(super) actor: Option<UserId>,
}

/// What comes of a transaction: its work's result, and the events that it added.
pub(super) type Committed<T> = (T, Vec<Recorded>);

/// Runs work in a transaction and commits it, again and again until the deadline, however the
/// store stalls.
pub(super) async fn transact<W: Work>(
    db: &Db,
    deadline: Instant,
    work: &mut W,
) -> Result<Committed<W::Done>, StoreError> {
    let done = tokio::time::timeout_at(deadline.into(), async {
        let mut turn = db.turn.lock().await;
        let turn = turn::of(db, &mut turn).await?;
        let beat = turn.beat(db);
        tokio::select! {
            done = repeat(db, &mut turn.session, deadline, work) => done,
            never = beat => match never {},
        }
    });
    done.await.unwrap_or_else(|_| Err(too_slow()))
}

async fn repeat<W: Work>(
    db: &Db,
    session: &mut ClientSession,
    deadline: Instant,
    work: &mut W,
) -> Result<Committed<W::Done>, StoreError> {
    let mut wait = LONGEST_WAIT / 16;
    let mut duplicates = 0;
    let mut locked_out = turn::LockedOut::since_now();
    loop {
        let error = match attempt(db, session, deadline, work).await {
            Ok(committed) => return Ok(committed),
            Err(Trouble::Refused(error)) => return Err(error),
            Err(Trouble::Driver(error)) => error,
        };
        if is_duplicate(&error) {
            // Somebody outside of the log's turns was faster; now their document can be seen.
            duplicates += 1;
            if duplicates > DUPLICATES {
                return Err(StoreError::Conflict);
            }
        } else if !error.contains_label(TRANSIENT_TRANSACTION_ERROR) {
            return Err(error.into());
        }
        if Instant::now() + wait >= deadline {
            return Err(error.into());
        }
        locked_out.again(db).await;
        tokio::time::sleep(jittered(wait)).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn attempt<W: Work>(
    db: &Db,
    session: &mut ClientSession,
    deadline: Instant,
    work: &mut W,
) -> Result<Committed<W::Done>, Trouble> {
    // Ends one that ran out of time, and asks nobody if there is none.
    let _ = session.abort_transaction().await;
    db.advance(session);
    session
        .start_transaction()
        .read_concern(ReadConcern::snapshot())
        .write_concern(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build())
        .selection_criteria(primary())
        .await?;
    let ran = run(db, session, work).await;
    match ran {
        Ok((done, events, true)) => {
            commit(session, deadline).await?;
            db.note(session);
            Ok((done, events))
        }
        Ok((done, events, false)) => {
            abort(session).await;
            Ok((done, events))
        }
        Err(trouble) => {
            abort(session).await;
            Err(trouble)
        }
    }
}

async fn run<W: Work>(
    db: &Db,
    session: &mut ClientSession,
    work: &mut W,
) -> Result<(W::Done, Vec<Recorded>, bool), Trouble> {
    let log = db
        .counters
        .find_one_and_update(doc! { "_id": LOG }, doc! { "$inc": { "turn": 1_i64 } })
        .return_document(ReturnDocument::Before)
        .session(&mut *session)
        .await?;
    let missing = || StoreError::Corrupt("the counter of the log is missing".to_owned());
    let end = Position(log.ok_or_else(missing)?.position as u64);
    let mut tx = Tx { db, session, end, events: Vec::new(), dirty: false };
    let done = work.run(&mut tx).await?;
    if tx.end != end {
        let to = doc! { "$set": { "position": tx.end.0 as i64 } };
        db.counters.update_one(doc! { "_id": LOG }, to).session(&mut *tx.session).await?;
    }
    let Tx { events, dirty, .. } = tx;
    Ok((done, events, dirty))
}

/// Commits; asks again while nobody knows whether it did.
async fn commit(session: &mut ClientSession, deadline: Instant) -> Result<(), Error> {
    loop {
        match session.commit_transaction().await {
            Err(error)
                if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT)
                    && Instant::now() < deadline =>
            {
                tokio::time::sleep(jittered(LONGEST_WAIT)).await;
            }
            done => return done,
        }
    }
}

/// What can't be aborted ends with the next transaction.
async fn abort(session: &mut ClientSession) {
    if let Err(error) = session.abort_transaction().await {
        tracing::debug!(error = super::error::describe(&error), "a transaction was not aborted");
    }
}

/// Something between half of a time and all of it, so that those who met once don't meet again.
#[expect(clippy::disallowed_methods, reason = "it decides nothing but how long a wait is")]
fn jittered(wait: Duration) -> Duration {
    let mut byte = [0];
    // Without randomness all wait alike, which is no worse than not waiting.
    let _ = getrandom::fill(&mut byte);
    wait.mul_f64(0.5 + f64::from(byte[0]) / 512.0)
}

impl Tx<'_> {
    /// Makes a projection's document what it is to be: there, or not.
    pub(super) async fn put<T: Serialize + Send + Sync>(
        &mut self,
        collection: &Collection<T>,
        id: i64,
        document: Option<T>,
    ) -> Result<(), Error> {
        self.dirty = true;
        let this = doc! { "_id": id };
        match document {
            Some(document) => {
                let replace = collection.replace_one(this, document).upsert(true);
                replace.session(&mut *self.session).await.map(drop)
            }
            None => collection.delete_one(this).session(&mut *self.session).await.map(drop),
        }
    }

    /// Makes many documents what they are to be: those of these ids go before the others come, since one may
    /// have the name that another one is to have.
    pub(super) async fn put_all<T: Serialize + Send + Sync>(
        &mut self,
        collection: &Collection<T>,
        ids: Vec<i64>,
        documents: Vec<T>,
    ) -> Result<(), Error> {
        self.dirty = true;
        let delete = collection.delete_many(doc! { "_id": { "$in": ids } });
        delete.session(&mut *self.session).await?;
        if !documents.is_empty() {
            collection.insert_many(documents).session(&mut *self.session).await?;
        }
        Ok(())
    }

    /// Makes an event the log's next one; the caller inserts its document.
    pub(super) fn next(
        &mut self,
        stream: StreamId,
        version: u64,
        by: By,
        event: Event,
    ) -> Result<EventDoc, StoreError> {
        let position = Position(self.end.0 + 1);
        let By { at, actor } = by;
        let recorded = Recorded { position, stream, version, at, actor, event };
        let document = EventDoc::of(&recorded)?;
        self.end = position;
        self.events.push(recorded);
        self.dirty = true;
        Ok(document)
    }
}
