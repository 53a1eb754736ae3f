//! Relays of the log to the outside: one at a time, and a checkpoint that only grows.

use std::sync::Arc;

use siskin_domain::Position;

use super::scene::time;
use crate::storage::{Holder, Store};

const ANN: Holder = Holder([1; 16]);
const BOB: Holder = Holder([2; 16]);

/// Takes the relay `kafka` at one second until another.
async fn take(store: &Arc<dyn Store>, holder: Holder, now: u64, until: u64) -> Option<Position> {
    store.take_relay("kafka", holder, time(now), time(until)).await.unwrap()
}

async fn advance(store: &Arc<dyn Store>, holder: Holder, to: u64) -> bool {
    store.advance_relay("kafka", holder, Position(to)).await.unwrap()
}

/// One holder relays at a time, however many ask; it may stay as long as it asks again.
pub async fn one_holder_relays_at_a_time(store: Arc<dyn Store>) {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { (n, take(&store, Holder([n; 16]), 1, 10).await) });
    }
    let answers = tasks.join_all().await;
    let holders: Vec<u8> = answers.iter().filter(|(_, at)| at.is_some()).map(|(n, _)| *n).collect();
    assert_eq!(holders.len(), 1, "{answers:?}");
    let holder = Holder([holders[0]; 16]);
    let other = Holder([holders[0] + 1; 16]);
    assert_eq!(take(&store, other, 9, 99).await, None);
    assert_eq!(take(&store, holder, 9, 20).await, Some(Position(0)));
    assert_eq!(take(&store, other, 19, 99).await, None);
}

/// A relay whose time is over may be taken, where its checkpoint is; also one given back early.
pub async fn a_lapsed_relay_may_be_taken(store: Arc<dyn Store>) {
    assert_eq!(take(&store, ANN, 1, 10).await, Some(Position(0)));
    assert!(advance(&store, ANN, 7).await);
    assert_eq!(take(&store, BOB, 9, 20).await, None);
    assert_eq!(take(&store, BOB, 11, 20).await, Some(Position(7)));
    assert_eq!(take(&store, ANN, 12, 30).await, None);
    assert_eq!(take(&store, BOB, 13, 13).await, Some(Position(7)));
    assert_eq!(take(&store, ANN, 14, 30).await, Some(Position(7)));
}

/// A relay that was taken by a clock that was ahead is not blocked for as long as it was; clocks that
/// differ a little take nothing from each other, nor does who gives back what is not theirs.
pub async fn a_relay_outlives_a_clock_that_goes_back(store: Arc<dyn Store>) {
    assert_eq!(take(&store, ANN, 1000, 1010).await, Some(Position(0)));
    assert!(advance(&store, ANN, 7).await);
    assert_eq!(take(&store, BOB, 971, 981).await, None);
    assert_eq!(take(&store, BOB, 100, 100).await, None);
    assert_eq!(take(&store, BOB, 100, 110).await, Some(Position(7)));
    assert!(!advance(&store, ANN, 8).await);
    assert_eq!(take(&store, ANN, 101, 111).await, None);
}

/// A checkpoint never goes back.
pub async fn a_checkpoint_never_goes_back(store: Arc<dyn Store>) {
    take(&store, ANN, 1, 10).await;
    assert!(advance(&store, ANN, 7).await);
    assert!(advance(&store, ANN, 5).await);
    assert_eq!(take(&store, ANN, 2, 10).await, Some(Position(7)));
    assert!(advance(&store, ANN, 8).await);
    assert_eq!(take(&store, ANN, 3, 10).await, Some(Position(8)));
}

/// Who has lost the relay moves no checkpoint, and is told so; nor does who never had it.
pub async fn an_old_holder_moves_no_checkpoint(store: Arc<dyn Store>) {
    assert!(!advance(&store, ANN, 1).await);
    take(&store, ANN, 1, 10).await;
    assert!(!advance(&store, BOB, 3).await);
    // Its time is over, but nobody has taken it: what was acknowledged may be noted.
    assert!(advance(&store, ANN, 4).await);
    take(&store, BOB, 11, 20).await;
    assert!(!advance(&store, ANN, 9).await);
    assert_eq!(take(&store, BOB, 12, 20).await, Some(Position(4)));
}

/// Relays with other names know nothing of each other.
pub async fn relays_are_told_apart_by_name(store: Arc<dyn Store>) {
    take(&store, ANN, 1, 10).await;
    advance(&store, ANN, 7).await;
    let other = store.take_relay("other", BOB, time(1), time(10)).await.unwrap();
    assert_eq!(other, Some(Position(0)));
    assert!(store.advance_relay("other", BOB, Position(2)).await.unwrap());
    assert_eq!(take(&store, ANN, 2, 10).await, Some(Position(7)));
}
