//! Makes ids: time-ordered, and unique among all servers on one store.
//!
//! A server leases a node number for a range of time from the store and makes the ids of that
//! number and range, and no others (`docs/adr/0011-node-leases.md`). While the range is good an id
//! costs two readings of the clock and one atomic step.

mod range;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::RwLock;
use siskin_domain::id::EPOCH_MS;
use siskin_domain::{Id, ReportId, Timestamp, TweetId, UserId};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout_at};

use self::range::{Made, Range};
use super::{Clock, Entropy};
use crate::storage::{Coordination, Holder, NodeWish, StoreError};

/// How long a lease lasts.
const LASTS: Duration = Duration::from_secs(10);
/// How long an id waits for a node number: a little longer than one that nobody renews is held.
const PATIENCE: Duration = Duration::from_secs(12);
/// How soon a store is asked again that had no number to give.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// Makes ids. Those of one kind only ever grow, even if the clock is set back. Clones share their
/// state.
///
/// More than 256 ids in a millisecond borrow from the next one.
#[derive(Clone)]
pub struct Ids {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Coordination>,
    clock: Arc<dyn Clock>,
    holder: Holder,
    /// Each kind's last id: milliseconds since the epoch of ids with the sequence below them.
    users: AtomicU64,
    tweets: AtomicU64,
    reports: AtomicU64,
    /// What may be made now; nothing before the first id is needed.
    range: RwLock<Option<Range>>,
    /// Held by the one that asks the store: why it could not answer the last time, if so.
    asking: Mutex<Option<StoreError>>,
    /// How often the store has answered.
    answers: AtomicU64,
    renewing: AtomicBool,
}

impl Ids {
    /// Over a store that is asked for a node number when the first id is needed.
    #[must_use]
    pub fn new(store: Arc<dyn Coordination>, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let mut holder = [0; 16];
        entropy.fill(&mut holder);
        let shared = Shared {
            store,
            clock,
            holder: Holder(holder),
            users: AtomicU64::new(0),
            tweets: AtomicU64::new(0),
            reports: AtomicU64::new(0),
            range: RwLock::new(None),
            asking: Mutex::new(None),
            answers: AtomicU64::new(0),
            renewing: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared) }
    }

    /// A new user's id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if no node number is to be had.
    pub async fn user(&self) -> Result<UserId, StoreError> {
        self.make(|shared| &shared.users).await
    }

    /// A new tweet's id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if no node number is to be had.
    pub async fn tweet(&self) -> Result<TweetId, StoreError> {
        self.make(|shared| &shared.tweets).await
    }

    /// A new report's id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if no node number is to be had.
    pub async fn report(&self) -> Result<ReportId, StoreError> {
        self.make(|shared| &shared.reports).await
    }

    /// Gives the node number back, so that another server need not wait until the lease ends.
    ///
    /// # Errors
    /// The store's; the lease ends by itself then.
    pub async fn release(&self) -> Result<(), StoreError> {
        let _turn = self.shared.asking.lock().await;
        let used = {
            let mut range = self.shared.range.write();
            let used = self.shared.used(*range);
            if range.take().is_none() {
                return Ok(());
            }
            used
        };
        self.shared.store.release_node(self.shared.holder, used).await
    }

    async fn make<K>(&self, last: fn(&Shared) -> &AtomicU64) -> Result<Id<K>, StoreError> {
        let made = match self.shared.try_make(last) {
            Some(made) => made,
            None => self.shared.lease_and_make(last).await?,
        };
        if made.renew {
            self.renew();
        }
        Ok(made.id)
    }

    /// Asks for more time while ids go on being made. One at a time.
    fn renew(&self) {
        if self.shared.renewing.swap(true, Ordering::AcqRel) {
            return;
        }
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let renewed = {
                let mut failure = shared.asking.lock().await;
                // Given back in the meantime: the next id, if any, asks anew.
                let held = shared.range.read().is_some();
                if held { shared.ask(&mut failure).await } else { Ok(true) }
            };
            if !matches!(renewed, Ok(true)) {
                tracing::warn!("the lease of a node number for ids could not be renewed yet");
                sleep(ASK_AGAIN).await;
            }
            shared.renewing.store(false, Ordering::Release);
        });
    }
}

impl Shared {
    fn try_make<K>(&self, last: fn(&Self) -> &AtomicU64) -> Option<Made<K>> {
        // Held while the id is made, so that what is given back was not used a moment later.
        let range = self.range.read();
        range.as_ref()?.make(last(self), self.clock.now(), self.clock.instant())
    }

    async fn lease_and_make<K>(
        &self,
        last: fn(&Self) -> &AtomicU64,
    ) -> Result<Made<K>, StoreError> {
        let deadline = Instant::now() + PATIENCE;
        let answers = self.answers.load(Ordering::Acquire);
        let Ok(mut failure) = timeout_at(deadline, self.asking.lock()).await else {
            return Err(none_free());
        };
        // Whoever waited while the store failed for another need not ask it again.
        if self.answers.load(Ordering::Acquire) > answers
            && let Some(why) = &*failure
        {
            return Err(why.clone());
        }
        loop {
            if let Some(made) = self.try_make(last) {
                return Ok(made);
            }
            if Instant::now() >= deadline {
                return Err(none_free());
            }
            if !self.ask(&mut failure).await? {
                sleep(ASK_AGAIN).await;
            }
        }
    }

    /// Asks the store for a node number or for more time on ours; `false` if there is none. What
    /// is held already may be used to its end, whatever comes of it.
    async fn ask(&self, failure: &mut Option<StoreError>) -> Result<bool, StoreError> {
        let begun = self.clock.instant();
        let now = self.clock.now().max(Timestamp::from_unix_ms(EPOCH_MS));
        let used = self.used(*self.range.read());
        let until = now.max(used).plus_ms(LASTS.as_millis() as i64);
        let wish = NodeWish { holder: self.holder, now, until };
        let answer = self.store.lease_node(wish).await;
        *failure = answer.as_ref().err().cloned();
        self.answers.fetch_add(1, Ordering::Release);
        let Some(lease) = answer? else { return Ok(false) };
        let mut range = self.range.write();
        *range = Some(Range::new(lease, begun, *range));
        Ok(true)
    }

    /// No id was made for a time after this.
    fn used(&self, range: Option<Range>) -> Timestamp {
        let last = self.users.load(Ordering::Acquire).max(self.tweets.load(Ordering::Acquire));
        let last = last.max(self.reports.load(Ordering::Acquire));
        let last = range::time(last);
        range.map_or(last, |range| last.max(range.after()))
    }
}

fn none_free() -> StoreError {
    StoreError::Unavailable("all node numbers for ids are held by other servers".to_owned())
}
