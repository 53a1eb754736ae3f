//! Committed events for everybody who listens, written once for all of them.
//!
//! One task reads what the store publishes and writes each event as a server-sent event with the
//! author's current names. Listeners share the bytes. Who comes back with the position they saw
//! last, or falls behind, reads the log until they have caught up; nothing is lost or said twice.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use siskin_domain::tweet::TweetEvent;
use siskin_domain::{Event, Position, Recorded, StreamId, TweetId, wire};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::storage::{Audience, Published, Store, StoreError};

/// How many batches a listener may fall behind before they read the log.
const BATCHES: usize = 256;
/// How many events are read from the log at once.
const CHUNK: usize = 500;
/// How long to wait before asking a store again that could not answer.
const PATIENCE: Duration = Duration::from_millis(200);

/// Lets others listen. Clones share their state.
#[derive(Clone)]
pub struct Live {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    batches: broadcast::Sender<Arc<Batch>>,
    started: Once,
    listeners: Arc<()>,
}

impl Live {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let (batches, _) = broadcast::channel(BATCHES);
        Self {
            shared: Arc::new(Shared {
                store,
                batches,
                started: Once::new(),
                listeners: Arc::default(),
            }),
        }
    }

    /// Begins to listen: to what comes after `seen`, or from now on.
    ///
    /// A position that the log has not reached counts as now.
    #[must_use]
    pub fn listen(&self, seen: Option<Position>) -> Listener {
        // The order matters: first subscribe, then look where the log is. What is committed
        // between the two arrives both ways and is told apart by its position.
        self.start();
        let receiver = self.shared.batches.subscribe();
        let now = self.shared.store.position();
        let seen = seen.unwrap_or(now).min(now);
        let store = self.shared.store.clone();
        let _counted = Arc::clone(&self.shared.listeners);
        Listener { store, receiver, seen, behind: seen < now, _counted }
    }

    /// How many listen.
    #[must_use]
    pub fn listeners(&self) -> usize {
        Arc::strong_count(&self.shared.listeners) - 1
    }

    /// Starts the writing task with the first listener; the others wait until it has subscribed.
    fn start(&self) {
        self.shared.started.call_once(|| {
            let receiver = self.shared.store.subscribe();
            let seen = self.shared.store.position();
            let (store, batches) = (self.shared.store.clone(), self.shared.batches.clone());
            tokio::spawn(write_all(store, batches, receiver, seen));
        });
    }
}

/// One listener's place in the log.
pub struct Listener {
    store: Arc<dyn Store>,
    receiver: broadcast::Receiver<Arc<Batch>>,
    seen: Position,
    behind: bool,
    /// As long as this is there, the listener counts.
    _counted: Arc<()>,
}

impl Listener {
    /// The last position that was seen or skipped.
    #[must_use]
    pub fn seen(&self) -> Position {
        self.seen
    }

    /// The next events, as server-sent events are written; `None` when there will be no more.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            let batch = if self.behind {
                match read_batch(&*self.store, self.seen).await {
                    Ok(Some(batch)) => Arc::new(batch),
                    Ok(None) => {
                        self.behind = false;
                        continue;
                    }
                    // The listener comes back and says where they were.
                    Err(_) => return None,
                }
            } else {
                match self.receiver.recv().await {
                    Ok(batch) => batch,
                    Err(RecvError::Lagged(_)) => {
                        self.behind = true;
                        continue;
                    }
                    Err(RecvError::Closed) => return None,
                }
            };
            let text = batch.after(self.seen);
            self.seen = self.seen.max(batch.last);
            if !text.is_empty() {
                return Some(text);
            }
        }
    }
}

/// Events as they are written, one after the other.
struct Batch {
    last: Position,
    starts: Vec<(Position, usize)>,
    text: Bytes,
}

impl Batch {
    fn after(&self, seen: Position) -> Bytes {
        let known = self.starts.partition_point(|(position, _)| *position <= seen);
        self.starts.get(known).map_or_else(Bytes::new, |(_, start)| self.text.slice(*start..))
    }
}

/// Writes what the store publishes, for ever. Trouble is overcome by reading the log.
async fn write_all(
    store: Arc<dyn Store>,
    batches: broadcast::Sender<Arc<Batch>>,
    mut receiver: broadcast::Receiver<Published>,
    mut seen: Position,
) {
    let mut behind = false;
    loop {
        let written = if behind {
            read_batch(&*store, seen).await
        } else {
            match receiver.recv().await {
                Ok(published) => {
                    // Whoever begins to listen later begins after this, or reads the log.
                    let heard = batches.receiver_count() > 0;
                    write_published(&*store, &published, seen, heard).await
                }
                Err(RecvError::Lagged(_)) => {
                    behind = true;
                    continue;
                }
                Err(RecvError::Closed) => return,
            }
        };
        match written {
            Ok(Some(batch)) => {
                seen = batch.last;
                if !batch.starts.is_empty() {
                    let _ = batches.send(Arc::new(batch));
                }
            }
            Ok(None) => behind = false,
            Err(error) => {
                tracing::warn!(%error, "live events wait for the store");
                behind = true;
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

async fn write_published(
    store: &dyn Store,
    published: &[Recorded],
    seen: Position,
    heard: bool,
) -> Result<Option<Batch>, StoreError> {
    let fresh: Vec<_> = published.iter().filter(|r| r.position > seen).collect();
    let Some(last) = fresh.last().map(|r| r.position) else { return Ok(None) };
    write_batch(store, if heard { &fresh } else { &[] }, last).await.map(Some)
}

async fn read_batch(store: &dyn Store, seen: Position) -> Result<Option<Batch>, StoreError> {
    let (recorded, last) = match store.read_all(seen, CHUNK).await {
        // A newer version's event: it can't be told, but must not keep what follows from anybody.
        Err(StoreError::Corrupt(_)) => {
            let each = store.read_each(seen, CHUNK).await?;
            let last =
                each.last().map(|read| read.as_ref().map_or_else(|e| e.position, |r| r.position));
            (each.into_iter().flatten().collect(), last)
        }
        recorded => {
            let recorded = recorded?;
            let last = recorded.last().map(|r| r.position);
            (recorded, last)
        }
    };
    let Some(last) = last else { return Ok(None) };
    let events: Vec<_> = recorded.iter().collect();
    write_batch(store, &events, last).await.map(Some)
}

/// Tweets that have been erased or hidden since they were posted are left out, and what silenced
/// and suspended people write.
async fn write_batch(
    store: &dyn Store,
    events: &[&Recorded],
    last: Position,
) -> Result<Batch, StoreError> {
    let ids: Vec<TweetId> = events.iter().filter_map(|r| posted(r)).collect();
    let tweets =
        if ids.is_empty() { Vec::new() } else { store.find_tweets(&ids, Audience::Public).await? };
    let tweets: HashMap<_, _> = tweets.into_iter().map(|t| (t.id, t)).collect();
    let (mut starts, mut text) = (Vec::new(), String::new());
    for recorded in events {
        let start = text.len();
        if let Some(tweet) = posted(recorded).and_then(|id| tweets.get(&id)) {
            write_event(&mut text, "tweet.posted", recorded.position, tweet);
        } else if let Some(id) = deleted(recorded) {
            write_event(&mut text, "tweet.deleted", recorded.position, &wire::TweetGone { id });
        }
        if text.len() > start {
            starts.push((recorded.position, start));
        }
    }
    Ok(Batch { last, starts, text: text.into() })
}

fn posted(recorded: &Recorded) -> Option<TweetId> {
    match (&recorded.event, recorded.stream) {
        // A hidden tweet that is shown again is told like a new one.
        (
            Event::Tweet(TweetEvent::Posted { .. } | TweetEvent::Unhidden { .. }),
            StreamId::Tweet(id),
        ) => Some(id),
        _ => None,
    }
}

fn deleted(recorded: &Recorded) -> Option<TweetId> {
    match (&recorded.event, recorded.stream) {
        (
            Event::Tweet(TweetEvent::Deleted { .. } | TweetEvent::Hidden { .. }),
            StreamId::Tweet(id),
        ) => Some(id),
        _ => None,
    }
}

fn write_event(text: &mut String, name: &str, position: Position, data: &impl Serialize) {
    // JSON has no line break outside of strings, and escapes those within.
    let data = serde_json::to_string(data).unwrap_or_default();
    let _ = write!(text, "event: {name}\nid: {position}\ndata: {data}\n\n");
}
