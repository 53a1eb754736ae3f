//! Where this process is in the log: what it has shown to its readers, always in order.
//!
//! Two tasks move the front: the writer with what it has just committed, and the follower with
//! what other servers have. Whoever comes second finds it done.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use mongodb::bson::{Document, doc};
use siskin_domain::{Position, Recorded};
use tokio::sync::{Mutex, broadcast};

use super::db::{Db, PATIENCE};
use super::log;
use crate::storage::news::News;
use crate::storage::{Published, StoreError};

/// So many events of other servers are read at once.
const CHUNK: usize = 500;
/// How often the log is looked at even if the change stream is silent.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long the follower waits before it looks again for a store that was away.
const AGAIN: Duration = Duration::from_millis(200);

/// How far the log has been shown.
#[derive(Debug)]
pub(super) struct Front {
    news: News,
    turn: Mutex<()>,
}

impl Front {
    /// At the end of a log.
    pub(super) fn at(end: Position) -> Self {
        Self { news: News::from(end), turn: Mutex::new(()) }
    }

    pub(super) fn position(&self) -> Position {
        self.news.position()
    }

    pub(super) fn generation(&self) -> u64 {
        self.news.generation()
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Published> {
        self.news.subscribe()
    }

    /// Tells that answers may have changed without an event.
    pub(super) fn renew(&self) {
        self.news.renew();
    }

    /// Shows what this process has committed, and before it what others have.
    pub(super) async fn publish(&self, db: &Db, events: Vec<Recorded>) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        let (first, last) = (first.position, last.position);
        let turn = self.turn.lock().await;
        if self.news.position().0 + 1 == first.0 {
            self.news.publish(events);
            return;
        }
        // It is committed, so the caller is told so even if it can't be read now; the follower
        // shows it when the store is back.
        while self.news.position() < last {
            match self.read_on(db).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "what was committed is shown later");
                    break;
                }
            }
        }
        self.news.renew();
        drop(turn);
    }

    /// Shows what others have committed.
    async fn catch_up(&self, db: &Db) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        while self.read_on(db).await? {}
        Ok(())
    }

    /// Shows some of what comes next; `false` if nothing does.
    async fn read_on(&self, db: &Db) -> Result<bool, StoreError> {
        let from = self.news.position();
        let mut events = match patiently(log::read_all(db, from, CHUNK)).await {
            // A newer version's event: it can't be shown, but must not hide what follows.
            Err(StoreError::Corrupt(_)) => {
                let each = patiently(log::read_each(db, from, CHUNK)).await?;
                return Ok(self.news.publish_readable(each));
            }
            events => events?,
        };
        // A gap would be somebody else's doing; what is behind it waits.
        let whole = events.iter().zip(from.0 + 1..).take_while(|(e, at)| e.position.0 == *at);
        let whole = whole.count();
        events.truncate(whole);
        let more = !events.is_empty();
        self.news.publish(events);
        Ok(more)
    }
}

async fn patiently<T>(read: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(PATIENCE, read).await.unwrap_or_else(|_| Err(super::db::too_slow()))
}

/// Follows what other servers commit, for as long as somebody has the store.
///
/// The change stream says when to look; what there is to see is read from the log itself. So a
/// stream that breaks, lags or can't be resumed loses nothing.
pub(super) async fn follow(db: Arc<Db>, front: Arc<Front>) {
    let mut away = false;
    loop {
        match follow_once(&db, &front, &mut away).await {
            Ok(()) => return,
            Err(error) if !std::mem::replace(&mut away, true) => {
                tracing::warn!(%error, "can't follow what other servers write; trying on");
            }
            Err(_) => {}
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn follow_once(db: &Db, front: &Front, away: &mut bool) -> Result<(), StoreError> {
    let events = db.events.clone_with_type::<Document>();
    let changes = events
        .watch()
        .pipeline([
            doc! { "$match": { "operationType": "insert" } },
            doc! { "$project": { "documentKey": 1 } },
        ])
        .max_await_time(LOOK_EVERY);
    let opened = tokio::time::timeout(PATIENCE, changes).await;
    let changes = opened.map_err(|_| super::db::too_slow())??;
    let mut changes = changes.with_type::<Document>();
    // The stream is open, so whatever this look misses comes through it.
    front.catch_up(db).await?;
    if std::mem::take(away) {
        tracing::info!("following other servers again");
    }
    loop {
        if db.is_closed() {
            return Ok(());
        }
        let change = tokio::time::timeout(LOOK_EVERY, changes.next()).await;
        match change {
            Ok(None) => return Err(super::db::too_slow()),
            Ok(Some(Ok(change))) if is_seen(&change, front.position()) => {}
            Ok(Some(Ok(_))) | Err(_) => front.catch_up(db).await?,
            Ok(Some(Err(error))) => return Err(error.into()),
        }
    }
}

/// Is the change an event that was shown already, such as one of our own?
fn is_seen(change: &Document, position: Position) -> bool {
    let key = change.get_document("documentKey").and_then(|key| key.get_i64("_id"));
    key.is_ok_and(|key| key.unsigned_abs() <= position.0)
}
