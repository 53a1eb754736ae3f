use std::collections::HashSet;

use super::*;
use crate::application::by_hand::{Few, Hand};

/// A clock that shows so many milliseconds since the epoch of ids.
fn at(ms: i64) -> Arc<Hand> {
    Hand::at(EPOCH_MS + ms)
}

fn server(store: &Arc<Few>, clock: &Arc<Hand>) -> Ids {
    Ids::new(store.clone(), clock.clone(), &crate::application::OsEntropy)
}

async fn made_at(ids: &Ids) -> i64 {
    ids.tweet().await.unwrap().made_at().unix_ms() - EPOCH_MS
}

/// Lets background work go on until there is none.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn ids_grow_and_never_repeat_while_the_clock_stands_still() {
    let ids = server(&Few::new(1), &at(1000));
    let mut made = Vec::new();
    for _ in 0..1000 {
        made.push(ids.tweet().await.unwrap());
    }
    assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(made[0].made_at().unix_ms(), EPOCH_MS + 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threads_never_share_an_id() {
    let ids = server(&Few::new(1), &at(1000));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let ids = ids.clone();
        tasks.spawn(async move {
            let mut made = Vec::new();
            for _ in 0..2000 {
                made.push(ids.user().await.unwrap());
            }
            made
        });
    }
    let all: HashSet<_> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(all.len(), 8000);
}

#[tokio::test(start_paused = true)]
async fn an_idle_server_asks_for_nothing() {
    let (store, clock) = (Few::new(1), at(1000));
    let ids = server(&store, &clock);
    settle().await;
    assert_eq!(store.asked(), 0);
    made_at(&ids).await;
    clock.pass(60_000);
    settle().await;
    assert_eq!(store.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_once_when_half_of_it_is_used() {
    let (store, clock) = (Few::new(1), at(1000));
    let ids = server(&store, &clock);
    made_at(&ids).await;
    clock.pass(5000);
    made_at(&ids).await;
    settle().await;
    assert_eq!(store.asked(), 1, "half is left");
    clock.pass(1);
    for _ in 0..20 {
        made_at(&ids).await;
    }
    settle().await;
    assert_eq!(store.asked(), 2);
    clock.pass(9_000);
    assert_eq!(made_at(&ids).await, 15_001, "no id waited for it");
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_stops_ids_before_another_may_take_it() {
    let (store, clock) = (Few::new(1), at(1000));
    let (ids, other) = (server(&store, &clock), server(&store, &clock));
    made_at(&ids).await;
    store.goes_away(true);
    clock.pass(9_999);
    assert_eq!(made_at(&ids).await, 10_999, "the lease is good to its end");
    clock.pass(1);
    assert!(matches!(ids.tweet().await, Err(StoreError::Unavailable(_))));
    store.goes_away(false);
    clock.pass(1);
    assert_eq!(made_at(&other).await, 11_001);
    // The first one's clock is set back into its old lease, which is not its own any more.
    let lost = tokio::time::timeout(Duration::from_secs(60), ids.tweet()).await.unwrap();
    assert!(matches!(lost, Err(StoreError::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_does_not_prolong_a_lease() {
    let (store, clock) = (Few::new(2), at(100_000));
    let ids = server(&store, &clock);
    assert_eq!(made_at(&ids).await, 100_000);
    store.goes_away(true);
    clock.pass(9_000);
    clock.set(EPOCH_MS + 50_000);
    assert_eq!(made_at(&ids).await, 100_000, "ids go on from the last");
    clock.pass(1_000);
    assert!(ids.tweet().await.is_err(), "ten seconds have passed, whatever the wall says");
    store.goes_away(false);
    settle().await;
    assert_eq!(made_at(&ids).await, 100_000);
    clock.set(EPOCH_MS + 50_000);
    clock.pass(20_000);
    assert_eq!(made_at(&ids).await, 100_000);
}

#[tokio::test(start_paused = true)]
async fn ids_begin_after_the_range_of_the_holder_before() {
    let store = Few::new(1);
    let (clock, behind) = (at(100_000), at(99_000));
    let ids = server(&store, &clock);
    let last = made_at(&ids).await;
    ids.release().await.unwrap();
    ids.release().await.unwrap();
    assert_eq!(made_at(&server(&store, &behind)).await, last + 1);
}

#[tokio::test(start_paused = true)]
async fn a_clock_an_hour_behind_goes_on_where_the_holder_before_stopped() {
    let store = Few::new(1);
    let (ahead, behind) = (at(4_000_000), at(400_000));
    let ids = server(&store, &ahead);
    made_at(&ids).await;
    ids.release().await.unwrap();
    assert_eq!(made_at(&server(&store, &behind)).await, 4_000_001);
}

#[tokio::test(start_paused = true)]
async fn when_all_numbers_are_held_an_id_waits_until_one_is_free() {
    let (store, clock) = (Few::new(1), at(1000));
    let (ids, other) = (server(&store, &clock), server(&store, &clock));
    made_at(&ids).await;
    let waiting = tokio::spawn(async move { other.tweet().await });
    while store.asked() < 4 {
        sleep(Duration::from_millis(100)).await;
    }
    ids.release().await.unwrap();
    waiting.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn when_none_becomes_free_all_who_wait_are_told_after_twelve_seconds() {
    let (store, clock) = (Few::new(1), at(1000));
    let (ids, other) = (server(&store, &clock), server(&store, &clock));
    made_at(&ids).await;
    let begun = Instant::now();
    let (one, two) = tokio::join!(other.tweet(), other.user());
    assert!(one.is_err() && two.is_err());
    assert!(begun.elapsed() < PATIENCE + ASK_AGAIN * 2, "{:?}", begun.elapsed());
    assert!(store.asked() < 60);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_is_said_at_once_to_all_who_wait() {
    let (store, clock) = (Few::new(1), at(1000));
    store.goes_away(true);
    let ids = server(&store, &clock);
    let begun = Instant::now();
    let (one, two, three) = tokio::join!(ids.tweet(), ids.user(), ids.tweet());
    assert!(one.is_err() && two.is_err() && three.is_err());
    assert_eq!((begun.elapsed(), store.asked()), (Duration::ZERO, 1));
}

#[tokio::test(start_paused = true)]
async fn no_id_is_made_beyond_the_range() {
    let (store, clock) = (Few::new(1), at(1000));
    let ids = server(&store, &clock);
    made_at(&ids).await;
    store.goes_away(true);
    clock.set(EPOCH_MS + 11_000);
    assert_eq!(made_at(&ids).await, 11_000);
    clock.set(EPOCH_MS + 11_001);
    assert!(ids.tweet().await.is_err(), "no time has passed, but the range is at its end");
}

#[tokio::test(start_paused = true)]
async fn what_another_made_in_between_is_not_made_again() {
    let (store, clock) = (Few::new(1), at(1000));
    let (ids, other) = (server(&store, &clock), server(&store, &clock));
    made_at(&ids).await;
    clock.pass(11_000);
    assert_eq!(made_at(&other).await, 12_000);
    other.release().await.unwrap();
    clock.set(EPOCH_MS + 11_500);
    assert_eq!(made_at(&ids).await, 12_001);
}

/// Clocks an hour apart, one shared by two, set back and forth, too few numbers for all, which
/// are given back now and then.
#[tokio::test(start_paused = true)]
async fn servers_whose_clocks_differ_by_an_hour_never_make_the_same_id() {
    const HOUR: i64 = 3_600_000;
    let store = Few::new(2);
    let (early, late) = (at(10_000_000), at(10_000_000 + HOUR));
    let clocks = [early, late.clone(), late];
    let servers = clocks.clone().map(|clock| server(&store, &clock));
    let (mut all, mut count) = (HashSet::new(), 0);
    for round in 0..2_000_i64 {
        for (n, ids) in servers.iter().enumerate() {
            let chance = (round * 7919 + n as i64 * 104_729) % 4_001;
            if chance % 3 == 0 {
                clocks[n].pass(chance);
            }
            if chance % 13 == 0 {
                let ahead = if chance % 2 == 0 { 0 } else { HOUR };
                clocks[n].set(EPOCH_MS + 10_000_000 + ahead + round * 100);
            }
            for _ in 0..=chance % 40 {
                if let Ok(id) = ids.tweet().await {
                    all.insert(id);
                    count += 1;
                }
            }
            if chance % 4 != 0 {
                ids.release().await.unwrap();
            }
        }
    }
    assert_eq!(all.len(), count);
    assert!(count > 50_000, "{count}");
}
