//! Ids of several servers on one file.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use siskin_domain::Timestamp;
use siskin_server::application::{Clock, Ids, OsEntropy};
use siskin_server::storage::SqliteStore;
use siskin_server::storage::contract::scene::time;

use crate::place::place;

/// A clock that runs on by a second or so each time it is read, or back.
struct Wild(AtomicI64, i64);
impl Clock for Wild {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.0.fetch_add(self.1, Ordering::Relaxed))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_with_wild_clocks_never_make_the_same_id() {
    let place = place();
    let mut tasks = tokio::task::JoinSet::new();
    for (begin, step) in [(0, 0), (0, 37), (3600, 37), (3600, -11), (3600, 0)] {
        let store = Arc::new(SqliteStore::open(&place.path).unwrap());
        let clock = Arc::new(Wild(AtomicI64::new(time(begin).unix_ms()), step));
        let ids = Ids::new(store, clock, &OsEntropy);
        tasks.spawn(async move {
            let mut made = Vec::new();
            for n in 1..=3000 {
                made.push(ids.tweet().await.unwrap());
                if n % 400 == 0 {
                    ids.release().await.unwrap();
                }
            }
            assert!(made.windows(2).all(|pair| pair[0].made_at() <= pair[1].made_at()));
            made
        });
    }
    let all: HashSet<_> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(all.len(), 5 * 3000);
}
