//! Requests with one key take turns.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::storage::AnswerKey;

/// Who is at work, by key. Holds only keys that are being worked on.
#[derive(Clone, Default)]
pub(super) struct Turns {
    locks: Arc<Mutex<HashMap<AnswerKey, Arc<AsyncMutex<()>>>>>,
}

impl Turns {
    /// Waits until nobody else works under the key.
    pub(super) async fn take(&self, key: AnswerKey) -> Turn {
        let lock = self.locks.lock().entry(key).or_default().clone();
        // There from here on: who goes away while they wait leaves nothing behind.
        let mut turn = Turn { turns: self.clone(), key, guard: None };
        turn.guard = Some(lock.lock_owned().await);
        turn
    }
}

/// The right to work under a key; the next one gets it when this is dropped.
pub struct Turn {
    turns: Turns,
    key: AnswerKey,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut locks = self.turns.locks.lock();
        drop(self.guard.take());
        // Whoever waits holds the lock too; if only the table does, nobody waits.
        if locks.get(&self.key).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: AnswerKey = AnswerKey([1; 32]);

    #[tokio::test]
    async fn the_second_waits_for_the_first_and_nothing_is_left() {
        let turns = Turns::default();
        let first = turns.take(KEY).await;
        let second = tokio::spawn({
            let turns = turns.clone();
            async move { drop(turns.take(KEY).await) }
        });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        second.await.unwrap();
        assert!(turns.locks.lock().is_empty());
    }

    #[tokio::test]
    async fn who_goes_away_just_when_it_is_their_turn_leaves_nothing() {
        let turns = Turns::default();
        let first = turns.take(KEY).await;
        let mut second = Box::pin(turns.take(KEY));
        assert!(futures::poll!(&mut second).is_pending());
        // It is the second one's turn now, and nobody tells it.
        drop(first);
        drop(second);
        assert!(turns.locks.lock().is_empty());
    }

    #[tokio::test]
    async fn other_keys_do_not_wait() {
        let turns = Turns::default();
        let _first = turns.take(KEY).await;
        let _second = turns.take(AnswerKey([2; 32])).await;
    }
}
