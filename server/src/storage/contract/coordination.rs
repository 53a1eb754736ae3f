//! What several servers on one store agree on: node numbers for ids, and shared buckets.

use std::collections::HashSet;
use std::sync::Arc;

use siskin_domain::Timestamp;

use super::scene::time;
use crate::storage::{Bucket, Holder, NodeLease, NodeWish, Store, Token};

/// How many node numbers there are.
const NODES: u8 = 16;

fn holder(n: u8) -> Holder {
    Holder([n; 16])
}

/// A wish of the n-th holder, whose clock shows the second `now`, for ten seconds.
fn wish(n: u8, now: u64) -> NodeWish {
    NodeWish { holder: holder(n), now: time(now), until: time(now + 10) }
}

async fn lease(store: &Arc<dyn Store>, n: u8, now: u64) -> NodeLease {
    store.lease_node(wish(n, now)).await.unwrap().unwrap()
}

/// Sixteen askers at once get sixteen numbers.
pub async fn two_askers_at_once_never_share_a_number(store: Arc<dyn Store>) {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..NODES {
        let store = Arc::clone(&store);
        tasks.spawn(async move { lease(&store, n, 100).await });
    }
    let leases = tasks.join_all().await;
    let nodes: HashSet<u16> = leases.iter().map(|lease| lease.node).collect();
    assert_eq!(nodes, (0..u16::from(NODES)).collect());
    for lease in leases {
        assert!(lease.after < time(100), "there is time before now, too: {lease:?}");
        assert_eq!(lease.until, time(110));
    }
}

/// Whoever holds a number and whatever their clocks say: the ranges of a number never overlap.
pub async fn ranges_of_one_number_never_overlap(store: Arc<dyn Store>) {
    let mut ranges: Vec<NodeLease> = Vec::new();
    // Some clocks are an hour ahead, some askers come back at once, some late.
    for round in 0..40_u64 {
        for n in 0..4_u8 {
            let ahead = if n % 2 == 0 { 0 } else { 3600 };
            let now = 100 + ahead + round * (3 + u64::from(n) * 6);
            if let Some(lease) = store.lease_node(wish(n, now)).await.unwrap() {
                ranges.push(lease);
            }
            if (round + u64::from(n)) % 7 == 0 {
                store.release_node(holder(n), time(now + 5)).await.unwrap();
            }
        }
    }
    let mut ended = [Timestamp::from_unix_ms(i64::MIN); NODES as usize];
    for range in &ranges {
        let before = &mut ended[usize::from(range.node)];
        assert!(range.after <= range.until, "{range:?}");
        // A range that was given back early goes on where its holder stopped.
        assert!(range.after >= *before || is_given_back(*before, range.after), "{range:?}");
        *before = range.until;
    }
    assert!(ranges.len() > 100);
}

fn is_given_back(ended: Timestamp, after: Timestamp) -> bool {
    ended.unix_ms() - after.unix_ms() == 5000
}

/// A number whose lease has lapsed may be taken; the new range begins after the old one's end.
pub async fn a_lapsed_number_may_be_taken(store: Arc<dyn Store>) {
    for n in 0..NODES {
        lease(&store, n, 100 + u64::from(n)).await;
    }
    assert_eq!(store.lease_node(wish(20, 110)).await.unwrap(), None, "the end counts");
    let taken = lease(&store, 20, 111).await;
    assert_eq!((taken.after, taken.until), (time(110), time(121)));
    // The first holder comes back too late, and gets what became free after theirs.
    let back = lease(&store, 0, 112).await;
    assert_ne!(back.node, taken.node);
    assert_eq!((back.after, back.until), (time(111), time(122)));
}

/// A holder who asks again keeps their number and gets the time that follows.
pub async fn the_holder_keeps_its_number(store: Arc<dyn Store>) {
    let first = lease(&store, 1, 100).await;
    lease(&store, 2, 100).await;
    let second = lease(&store, 1, 105).await;
    assert_eq!(second, NodeLease { node: first.node, after: first.until, until: time(115) });
    // After a lapse, too, if nobody took it; and with a clock that was set back.
    let third = lease(&store, 1, 500).await;
    assert_eq!(third, NodeLease { node: first.node, after: time(115), until: time(510) });
    let back = lease(&store, 1, 400).await;
    assert_eq!(back, NodeLease { node: first.node, after: time(510), until: time(510) });
}

/// When all are held there is none, for a newcomer; holders go on.
pub async fn all_sixteen_held_is_none(store: Arc<dyn Store>) {
    for n in 0..NODES {
        lease(&store, n, 100).await;
    }
    assert_eq!(store.lease_node(wish(20, 105)).await.unwrap(), None);
    assert_eq!(store.lease_node(wish(21, 105)).await.unwrap(), None);
    lease(&store, 3, 105).await;
}

/// A number that is given back is free at once, from the last time that was used.
pub async fn a_released_number_is_free_early(store: Arc<dyn Store>) {
    for n in 0..NODES {
        lease(&store, n, 100).await;
    }
    let held = lease(&store, 7, 101).await;
    store.release_node(holder(7), time(103)).await.unwrap();
    store.release_node(holder(99), time(1)).await.unwrap();
    let taken = lease(&store, 20, 104).await;
    assert_eq!(taken, NodeLease { node: held.node, after: time(103), until: time(114) });
    assert_eq!(store.lease_node(wish(7, 104)).await.unwrap(), None, "it is another's now");
    // Whoever used nothing gives nothing back that was another's before them.
    store.release_node(holder(20), time(1)).await.unwrap();
    assert_eq!(lease(&store, 21, 104).await.after, time(103));
}

/// A number that was given back is given to whoever asks, also if their clock is behind it: they
/// go on where the holder before them stopped.
pub async fn a_released_number_is_for_clocks_that_are_behind_too(store: Arc<dyn Store>) {
    for n in 0..NODES {
        lease(&store, n, 5000).await;
    }
    store.release_node(holder(7), time(5002)).await.unwrap();
    let empty = lease(&store, 20, 100).await;
    assert_eq!((empty.after, empty.until), (time(5002), time(5002)), "no time is given away");
    let further = NodeWish { holder: holder(20), now: time(100), until: time(5012) };
    let lease = store.lease_node(further).await.unwrap().unwrap();
    assert_eq!(lease, NodeLease { until: time(5012), ..empty });
}

fn bucket(n: u8) -> Bucket {
    Bucket { key: [n; 32], burst: 3, every_ms: 2000 }
}

async fn takes(store: &Arc<dyn Store>, n: u8, now: Timestamp) -> Option<u64> {
    match store.take_token(bucket(n), now).await.unwrap() {
        Token::Taken { .. } => None,
        Token::Missing { for_ms } => Some(for_ms),
    }
}

/// A full bucket gives its burst; then it says how long the next token takes, which costs none.
pub async fn a_bucket_gives_its_burst_and_then_says_how_long(store: Arc<dyn Store>) {
    for _ in 0..3 {
        assert_eq!(takes(&store, 1, time(0)).await, None);
    }
    assert_eq!(takes(&store, 1, time(0)).await, Some(2000));
    assert_eq!(takes(&store, 1, time(0).plus_ms(1500)).await, Some(500));
    assert_eq!(takes(&store, 1, time(0).plus_ms(1999)).await, Some(1));
    assert_eq!(takes(&store, 1, time(2)).await, None);
    assert_eq!(takes(&store, 1, time(2)).await, Some(2000));
}

/// Tokens come back one by one, and never more of them than the burst.
pub async fn a_bucket_fills_up_again(store: Arc<dyn Store>) {
    for _ in 0..3 {
        assert_eq!(takes(&store, 1, time(0)).await, None);
    }
    for _ in 0..2 {
        assert_eq!(takes(&store, 1, time(4)).await, None);
    }
    assert_eq!(takes(&store, 1, time(4)).await, Some(2000));
    for _ in 0..3 {
        assert_eq!(takes(&store, 1, time(1000)).await, None);
    }
    assert_eq!(takes(&store, 1, time(1000)).await, Some(2000));
}

/// Whoever takes a token learns when the bucket will be full again.
pub async fn a_bucket_says_when_it_will_be_full(store: Arc<dyn Store>) {
    for (now, full_in_ms) in
        [(time(0), 2000), (time(0), 4000), (time(0).plus_ms(500), 5500), (time(100), 2000)]
    {
        let token = store.take_token(bucket(1), now).await.unwrap();
        assert_eq!(token, Token::Taken { full_in_ms });
    }
}

/// A clock that is set back locks nobody out: there is a token at once, and the next ones come at
/// the usual pace.
pub async fn a_bucket_outlives_a_clock_that_goes_back(store: Arc<dyn Store>) {
    for _ in 0..3 {
        assert_eq!(takes(&store, 1, time(5000)).await, None);
    }
    assert_eq!(takes(&store, 1, time(10)).await, None);
    assert_eq!(takes(&store, 1, time(10)).await, Some(2000));
    assert_eq!(takes(&store, 1, time(12)).await, None);
}

/// A token that is given back can be taken again.
pub async fn a_returned_token_is_there_again(store: Arc<dyn Store>) {
    store.return_token(bucket(9)).await.unwrap();
    for _ in 0..20 {
        assert_eq!(takes(&store, 1, time(0)).await, None);
        store.return_token(bucket(1)).await.unwrap();
    }
    for _ in 0..3 {
        assert_eq!(takes(&store, 1, time(0)).await, None);
    }
    assert_eq!(takes(&store, 1, time(0)).await, Some(2000));
    store.return_token(bucket(1)).await.unwrap();
    assert_eq!(takes(&store, 1, time(0)).await, None);
    assert_eq!(takes(&store, 1, time(0)).await, Some(2000));
}

/// Each key has a bucket of its own; takers at once never get more than there is.
pub async fn buckets_do_not_mix(store: Arc<dyn Store>) {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..40_u8 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { (n % 4, takes(&store, n % 4, time(0)).await) });
    }
    let taken = tasks.join_all().await;
    for n in 0..4 {
        let tokens = taken.iter().filter(|(key, wait)| *key == n && wait.is_none()).count();
        assert_eq!(tokens, 3, "of bucket {n}");
    }
}
