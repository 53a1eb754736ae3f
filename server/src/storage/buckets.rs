//! Token buckets in memory: for a store that one process uses at a time.
//!
//! Kept as the generic cell rate algorithm does: one number per key, the time at which the bucket
//! will be full again. It is ours rather than a crate's because tokens are given back, the clock
//! is a parameter, and the table is bounded.

use std::collections::HashMap;

use parking_lot::Mutex;
use siskin_domain::Timestamp;

use super::{Bucket, Token};

/// How many keys are held at most; beyond it, all are forgotten, so that memory is bounded.
const MOST_KEYS: usize = 200_000;

/// Buckets, by key. A restart forgets them.
#[derive(Debug, Default)]
pub struct Buckets {
    /// When each will be full again, in Unix milliseconds; full ones are left out now and then.
    full_at: Mutex<HashMap<[u8; 32], i64>>,
}

impl Buckets {
    /// As [`Coordination::take_token`](super::Coordination::take_token).
    pub fn take(&self, bucket: Bucket, now: Timestamp) -> Token {
        let (now, every) = (now.unix_ms(), i64::from(bucket.every_ms));
        let mut table = self.full_at.lock();
        if table.len() == table.capacity() {
            // Just before it grows: each key is looked at a bounded number of times.
            table.retain(|_, full_at| *full_at > now);
            if table.len() >= MOST_KEYS {
                table.clear();
            }
        }
        let full_at = table.entry(bucket.key).or_insert(now);
        *full_at = bucket.possible(*full_at, now);
        let then = (*full_at).max(now) + every;
        let missing = then - now - i64::from(bucket.burst) * every;
        if missing > 0 {
            return Token::Missing { for_ms: missing.unsigned_abs() };
        }
        *full_at = then;
        Token::Taken { full_in_ms: (then - now).unsigned_abs() }
    }

    /// As [`Coordination::return_token`](super::Coordination::return_token).
    pub fn give_back(&self, bucket: Bucket) {
        if let Some(full_at) = self.full_at.lock().get_mut(&bucket.key) {
            *full_at -= i64::from(bucket.every_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_does_not_grow_without_end() {
        let buckets = Buckets::default();
        for n in 0..500_000_u32 {
            let mut key = [0; 32];
            key[..4].copy_from_slice(&n.to_be_bytes());
            let bucket = Bucket { key, burst: 5, every_ms: 1000 };
            let taken = buckets.take(bucket, Timestamp::from_unix_ms(0));
            assert_eq!(taken, Token::Taken { full_in_ms: 1000 });
        }
        assert!(buckets.full_at.lock().len() < 2 * MOST_KEYS);
    }
}
