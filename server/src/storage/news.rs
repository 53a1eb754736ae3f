//! What a store tells its readers: how far the log is, that answers may have changed, and the
//! events themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use siskin_domain::user::UserEvent;
use siskin_domain::{Event, Position, Recorded};
use tokio::sync::broadcast;

use super::{Published, Read};

/// So many commits may be published before a live reader that sleeps has missed one.
const PUBLISHED: usize = 256;

/// What a store's one publisher tells everybody.
#[derive(Debug)]
pub(super) struct News {
    position: AtomicU64,
    generation: AtomicU64,
    published: broadcast::Sender<Published>,
}

impl News {
    /// News of a log that ends there.
    pub(super) fn from(end: Position) -> Self {
        Self {
            position: AtomicU64::new(end.0),
            generation: AtomicU64::new(1),
            published: broadcast::Sender::new(PUBLISHED),
        }
    }

    pub(super) fn position(&self) -> Position {
        Position(self.position.load(Ordering::Acquire))
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Published> {
        self.published.subscribe()
    }

    /// Tells what was committed, in order. Log-ins change nothing that a query can see.
    pub(super) fn publish(&self, events: Vec<Recorded>) {
        let Some(last) = events.last() else { return };
        let position = last.position.0;
        // First the generation: whoever sees the position must not be served what was kept before.
        if events.iter().any(|event| event.event != Event::User(UserEvent::LoggedIn)) {
            self.renew();
        }
        self.position.store(position, Ordering::Release);
        // Nobody listening is fine.
        let _ = self.published.send(Arc::new(events));
    }

    /// Tells what can be read of what comes next, and goes past the rest; `false` if nothing comes.
    pub(super) fn publish_readable(&self, reads: Vec<Read>) -> bool {
        let from = self.position();
        let (mut events, mut end) = (Vec::new(), from);
        for read in reads {
            let position = read.as_ref().map_or_else(|lost| lost.position, |event| event.position);
            if position.0 != end.0 + 1 {
                break;
            }
            end = position;
            match read {
                Ok(event) => events.push(event),
                Err(lost) => {
                    tracing::error!(%position, what = lost.what, "skipped what can't be read");
                }
            }
        }
        self.publish(events);
        if self.position() < end {
            self.renew();
            self.position.store(end.0, Ordering::Release);
        }
        end > from
    }

    /// Tells that answers of queries may have changed.
    pub(super) fn renew(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}
