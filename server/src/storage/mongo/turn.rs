//! The turn of this process: the one session of its transactions, and what is left of servers that
//! died in theirs.
//!
//! MongoDB keeps an open transaction for a minute after its client has gone, and with it the log's
//! lock. So every server notes its session in the collection `writers`, and while it runs
//! transactions, that it lives. Whoever waits long for the lock ends the sessions of those who have
//! not been heard of. To end the transaction of somebody who lives after all costs them a
//! repetition, nothing else.

use std::convert::Infallible;
use std::future::Future;
use std::time::{Duration, Instant};

use futures::TryStreamExt as _;
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::error::Error;
use mongodb::options::ReturnDocument;
use mongodb::{ClientSession, Collection};

use super::db::{Db, primary};
use super::error::describe;

/// How often a server that runs transactions says that it lives.
const BEAT: Duration = Duration::from_millis(800);
/// Who has not been heard of for so long may be ended: three beats, and less than a request waits.
const SILENCE_MS: i64 = 2_400;
/// How long the lock may be somebody else's before we ask whose, and how often we ask.
const ASK_EVERY: Duration = Duration::from_millis(400);

/// The session of this process's transactions.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) session: ClientSession,
    said: Option<Instant>,
}

/// The turn that a lock guards, begun if there is none.
pub(super) async fn of<'a>(db: &Db, turn: &'a mut Option<Turn>) -> Result<&'a mut Turn, Error> {
    match turn {
        Some(turn) => Ok(turn),
        None => Ok(turn.insert(Turn { session: db.client.start_session().await?, said: None })),
    }
}

impl Turn {
    /// Says that we live, if that was not said just now, and goes on saying so while it is polled.
    pub(super) fn beat(&mut self, db: &Db) -> impl Future<Output = Infallible> + use<> {
        let me = self.session.id().get("id").cloned().unwrap_or(Bson::Null);
        if self.said.is_none_or(|said| said.elapsed() >= BEAT) {
            self.said = Some(Instant::now());
            // Beside the transaction, which need not wait for it.
            tokio::spawn(say(db.writers.clone(), me.clone()));
        }
        let writers = db.writers.clone();
        async move {
            loop {
                tokio::time::sleep(BEAT).await;
                say(writers.clone(), me.clone()).await;
            }
        }
    }
}

/// Notes that we live. Should it fail, the transaction itself will tell.
async fn say(writers: Collection<Document>, me: Bson) {
    let now = doc! { "$currentDate": { "seen": true } };
    let said = writers.update_one(doc! { "_id": me }, now).upsert(true).await;
    if let Err(error) = said {
        tracing::debug!(error = describe(&error), "could not note that this server lives");
    }
}

/// How long the lock has been somebody else's.
pub(super) struct LockedOut {
    asked: Instant,
}

impl LockedOut {
    pub(super) fn since_now() -> Self {
        Self { asked: Instant::now() }
    }

    /// It still is: now and then, ends the transactions of those who have not been heard of.
    pub(super) async fn again(&mut self, db: &Db) {
        if self.asked.elapsed() < ASK_EVERY {
            return;
        }
        match end_silent(db).await {
            Ok(0) => {}
            Ok(ended) => tracing::info!(ended, "ended what silent servers may have left open"),
            Err(error) => {
                tracing::debug!(error = describe(&error), "could not end what is left open");
            }
        }
        self.asked = Instant::now();
    }
}

/// Ends what silent writers may have left open; has anybody else been heard of just now?
pub(super) async fn others_write(db: &Db) -> Result<bool, Error> {
    end_silent(db).await?;
    let living = doc! { "_id": { "$ne": "clock" } };
    Ok(db.writers.find_one(living).selection_criteria(primary()).await?.is_some())
}

/// How long to wait before that is asked again.
pub(super) const ASK_AGAIN: Duration = BEAT;

/// Ends the sessions of writers who have been silent for long; how many. All times are the
/// store's.
async fn end_silent(db: &Db) -> Result<usize, Error> {
    let clock = doc! { "$currentDate": { "seen": true } };
    let clock = db.writers.find_one_and_update(doc! { "_id": "clock" }, clock).upsert(true);
    let clock = clock.return_document(ReturnDocument::After).await?;
    let now = clock.and_then(|clock| clock.get_datetime("seen").ok().copied());
    let Some(now) = now else { return Ok(0) };
    let silent = doc! {
        "_id": { "$ne": "clock" },
        "seen": { "$lt": DateTime::from_millis(now.timestamp_millis() - SILENCE_MS) },
    };
    let find = db.writers.find(silent.clone()).selection_criteria(primary());
    let found: Vec<Document> = find.await?.try_collect().await?;
    let ids: Vec<Bson> = found.iter().filter_map(|writer| writer.get("_id").cloned()).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let sessions: Vec<Document> = ids.iter().map(|id| doc! { "id": id }).collect();
    db.database.run_command(doc! { "killSessions": sessions }).await?;
    let mut gone = silent;
    gone.insert("_id", doc! { "$in": &ids });
    db.writers.delete_many(gone).await?;
    Ok(ids.len())
}
