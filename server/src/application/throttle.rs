//! Limits on log-ins and sign-ups, by address and by account, that lock nobody out.
//!
//! * An **address** (an IPv6 one with its whole /64) may sign up and fail to log in so often.
//! * An **address at an account** may fail less often: this is what stops guessing.
//! * An **account** as such has no limit that could refuse its owner: after many failures from
//!   anywhere each further attempt waits first, and a right password still passes. A stranger
//!   can therefore cost the owner two seconds, never the account.
//!
//! Only failures count: a log-in that succeeds gives its places back.
//!
//! Each limit is a token bucket, kept as the generic cell rate algorithm does: one number per
//! key, the time at which the bucket will be full again. It is ours rather than a crate's
//! because places are given back, the clock is a parameter, and the table is bounded.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use siskin_domain::Timestamp;

use super::{Clock, Refused};

/// Sign-ups per address: 150 at once, then one in 4 seconds.
const SIGN_UPS: Limit = Limit { burst: 150, every_ms: 4_000 };
/// Failed log-ins per address: 100 at once, then one in 2 seconds.
const BY_ADDRESS: Limit = Limit { burst: 100, every_ms: 2_000 };
/// Failed log-ins per account and address: 10 at once, then one in 10 seconds.
const BY_ACCOUNT_AND_ADDRESS: Limit = Limit { burst: 10, every_ms: 10_000 };
/// Failed log-ins per account from anywhere: 100 at once, then one in 5 seconds; more must wait.
const BY_ACCOUNT: Limit = Limit { burst: 100, every_ms: 5_000 };
/// What an attempt waits whose account has had too many.
const WAIT: Duration = Duration::from_secs(2);
/// How many keys a table holds at most; beyond it, all are forgotten, so that memory is bounded.
const MOST_KEYS: usize = 100_000;

/// Limits attempts. Clones share their counts.
#[derive(Clone)]
pub struct Throttle {
    shared: Option<Arc<Shared>>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    sign_ups: Table<IpAddr>,
    by_address: Table<IpAddr>,
    by_both: Table<(String, IpAddr)>,
    by_account: Table<String>,
}

/// A log-in that may be tried. Say [`Attempt::succeeded`] if it did; dropped, it has failed.
#[must_use]
pub struct Attempt {
    counted: Option<(Arc<Shared>, String, IpAddr)>,
}

impl Throttle {
    pub(super) fn new(on: bool, clock: Arc<dyn Clock>) -> Self {
        let shared = on.then(|| {
            Arc::new(Shared {
                clock,
                sign_ups: Table::new(SIGN_UPS),
                by_address: Table::new(BY_ADDRESS),
                by_both: Table::new(BY_ACCOUNT_AND_ADDRESS),
                by_account: Table::new(BY_ACCOUNT),
            })
        });
        Self { shared }
    }

    /// Are there limits at all?
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.shared.is_some()
    }

    /// Counts a sign-up.
    ///
    /// # Errors
    /// [`Refused::Throttled`].
    pub fn sign_up(&self, from: IpAddr) -> Result<(), Refused> {
        match &self.shared {
            Some(shared) => shared.sign_ups.take(block(from), shared.clock.now()),
            None => Ok(()),
        }
    }

    /// Counts a log-in as failed until it is said to have succeeded; may wait.
    ///
    /// # Errors
    /// [`Refused::Throttled`].
    pub async fn log_in(&self, from: IpAddr, login: &str) -> Result<Attempt, Refused> {
        let Some(shared) = &self.shared else { return Ok(Attempt { counted: None }) };
        let (account, from, now) = (account_key(login), block(from), shared.clock.now());
        shared.by_both.take((account.clone(), from), now)?;
        shared.by_address.take(from, now)?;
        if shared.by_account.take(account.clone(), now).is_err() {
            tokio::time::sleep(WAIT).await;
        }
        Ok(Attempt { counted: Some((shared.clone(), account, from)) })
    }
}

impl Attempt {
    /// Gives the places back.
    pub fn succeeded(self) {
        if let Some((shared, account, from)) = self.counted {
            shared.by_both.give_back(&(account.clone(), from));
            shared.by_address.give_back(&from);
            shared.by_account.give_back(&account);
        }
    }
}

/// Names that log in to one account count as one; what is too long for a name is cut.
fn account_key(login: &str) -> String {
    login.trim().chars().take(254).collect::<String>().to_lowercase()
}

/// An IPv6 customer has a /64 at least, so that is what an address is.
fn block(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[derive(Clone, Copy)]
struct Limit {
    burst: i64,
    every_ms: i64,
}

/// Per key, when its bucket will be full again; keys with a full bucket are left out.
struct Table<K> {
    limit: Limit,
    full_at: Mutex<HashMap<K, i64>>,
}

impl<K: Hash + Eq> Table<K> {
    fn new(limit: Limit) -> Self {
        Self { limit, full_at: Mutex::new(HashMap::new()) }
    }

    fn take(&self, key: K, now: Timestamp) -> Result<(), Refused> {
        let (now, Limit { burst, every_ms }) = (now.unix_ms(), self.limit);
        let mut table = self.full_at.lock();
        if table.len() == table.capacity() {
            // Just before it grows: each key is looked at a bounded number of times.
            table.retain(|_, full_at| *full_at > now);
            if table.len() >= MOST_KEYS {
                table.clear();
            }
        }
        let full_at = table.entry(key).or_insert(now);
        let then = (*full_at).max(now) + every_ms;
        let too_long = then - now - burst * every_ms;
        if too_long > 0 {
            let retry_after_s = too_long.unsigned_abs().div_ceil(1000);
            return Err(Refused::Throttled { retry_after_s });
        }
        *full_at = then;
        Ok(())
    }

    fn give_back(&self, key: &K) {
        if let Some(full_at) = self.full_at.lock().get_mut(key) {
            *full_at -= self.limit.every_ms;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[derive(Default)]
    struct Hand(AtomicI64);
    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_ms(self.0.load(Ordering::Relaxed))
        }
    }

    fn throttle() -> (Throttle, Arc<Hand>) {
        let clock = Arc::new(Hand::default());
        (Throttle::new(true, clock.clone()), clock)
    }
    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }
    async fn fail(throttle: &Throttle, login: &str, from: &str) -> Result<(), Refused> {
        throttle.log_in(address(from), login).await.map(drop)
    }

    #[tokio::test]
    async fn guessing_at_an_account_stops_and_starts_again_later() {
        let (throttle, clock) = throttle();
        for _ in 0..10 {
            fail(&throttle, "ana", "192.0.2.1").await.unwrap();
        }
        let refused = fail(&throttle, " ANA", "192.0.2.1").await.unwrap_err();
        assert!(matches!(refused, Refused::Throttled { retry_after_s: 10 }), "{refused}");
        clock.0.store(10_000, Ordering::Relaxed);
        fail(&throttle, "ana", "192.0.2.1").await.unwrap();
    }

    #[tokio::test]
    async fn a_stranger_does_not_lock_the_owner_out() {
        let (throttle, _) = throttle();
        while fail(&throttle, "ana", "192.0.2.1").await.is_ok() {}
        throttle.log_in(address("192.0.2.2"), "ana").await.unwrap().succeeded();
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_under_attack_from_everywhere_waits_but_is_never_refused() {
        let (throttle, _) = throttle();
        for n in 0..200 {
            fail(&throttle, "ana", &format!("10.0.0.{n}")).await.unwrap();
        }
        let before = tokio::time::Instant::now();
        throttle.log_in(address("192.0.2.2"), "ana").await.unwrap().succeeded();
        assert_eq!(before.elapsed(), WAIT);
    }

    #[tokio::test]
    async fn log_ins_that_succeed_do_not_count() {
        let (throttle, _) = throttle();
        for _ in 0..1000 {
            throttle.log_in(address("192.0.2.1"), "ana").await.unwrap().succeeded();
        }
    }

    #[test]
    fn sign_ups_are_counted_by_address_and_by_ipv6_network() {
        let (throttle, _) = throttle();
        for n in 0..150 {
            throttle.sign_up(address(&format!("2001:db8::{n:x}"))).unwrap();
        }
        assert!(throttle.sign_up(address("2001:db8::ffff")).is_err());
        assert!(throttle.sign_up(address("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn the_table_does_not_grow_without_end() {
        let table = Table::new(SIGN_UPS);
        for key in 0..300_000u32 {
            table.take(key, Timestamp::from_unix_ms(0)).unwrap();
        }
        assert!(table.full_at.lock().len() < 2 * MOST_KEYS);
    }

    #[tokio::test]
    async fn off_is_off() {
        let throttle = Throttle::new(false, Arc::new(Hand::default()));
        for _ in 0..1000 {
            fail(&throttle, "ana", "192.0.2.1").await.unwrap();
            throttle.sign_up(address("192.0.2.1")).unwrap();
        }
    }
}
