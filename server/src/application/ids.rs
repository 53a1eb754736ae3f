//! Makes ids: time-ordered, unique on this node, without a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use siskin_domain::id::{EPOCH_MS, SEQUENCE_BITS};
use siskin_domain::{Id, Timestamp, TweetId, UserId};

use super::Clock;

/// Makes the ids of one node. Ids of one kind only ever grow, even if the clock is set back.
///
/// More than 256 ids in a millisecond borrow from the next one, so the generator never waits.
/// `docs/adr/0003-ids.md` says what keeps two nodes, and two runs of one node, apart.
pub struct Ids {
    node: u16,
    clock: Arc<dyn Clock>,
    users: AtomicU64,
    tweets: AtomicU64,
}

impl Ids {
    /// For a node, numbered 0 to 15.
    #[must_use]
    pub fn new(node: u16, clock: Arc<dyn Clock>) -> Self {
        Self { node, clock, users: AtomicU64::new(0), tweets: AtomicU64::new(0) }
    }

    /// A new user's id.
    pub fn user(&self) -> UserId {
        self.next(&self.users)
    }

    /// A new tweet's id.
    pub fn tweet(&self) -> TweetId {
        self.next(&self.tweets)
    }

    /// The last id is kept as milliseconds since the epoch of ids with the sequence below them.
    fn next<K>(&self, last: &AtomicU64) -> Id<K> {
        let ms = u64::try_from(self.clock.now().unix_ms() - EPOCH_MS).unwrap_or(0);
        let least = ms << SEQUENCE_BITS;
        let after = |previous: u64| least.max(previous + 1);
        let previous = last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |p| Some(after(p)))
            .unwrap_or_else(|p| p);
        let made = after(previous);
        let at = Timestamp::from_unix_ms((made >> SEQUENCE_BITS) as i64 + EPOCH_MS);
        Id::compose(at, self.node, (made & ((1 << SEQUENCE_BITS) - 1)) as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    struct Stopped(i64);
    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_ms(self.0)
        }
    }

    #[test]
    fn ids_grow_and_never_repeat_while_the_clock_stands_still() {
        let ids = Ids::new(3, Arc::new(Stopped(EPOCH_MS + 1000)));
        let made: Vec<_> = (0..1000).map(|_| ids.tweet()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(made[0].made_at().unix_ms(), EPOCH_MS + 1000);
    }

    #[test]
    fn threads_never_share_an_id() {
        let ids = Arc::new(Ids::new(0, Arc::new(Stopped(EPOCH_MS + 5))));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let ids = ids.clone();
                std::thread::spawn(move || (0..2000).map(|_| ids.user()).collect::<Vec<_>>())
            })
            .collect();
        let all: HashSet<_> = threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
        assert_eq!(all.len(), 8000);
    }

    #[test]
    fn nodes_never_share_an_id() {
        let at = |node| Ids::new(node, Arc::new(Stopped(EPOCH_MS + 5)));
        assert_ne!(at(1).tweet(), at(2).tweet());
    }
}
