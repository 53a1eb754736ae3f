//! For tests: clocks that are moved by hand, and a store that is little more than its numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use siskin_domain::{Position, Timestamp};

use super::Clock;
use crate::storage::buckets::Buckets;
use crate::storage::{Bucket, Coordination, Holder, NodeLease, NodeWish, StoreError, Token};

/// A computer whose clocks are moved by hand: the one on the wall, and the one that is never set.
pub(super) struct Hand {
    wall: AtomicI64,
    passed_ms: AtomicI64,
    begun: Instant,
}

impl Hand {
    pub(super) fn at(ms: i64) -> Arc<Self> {
        let (wall, passed_ms) = (AtomicI64::new(ms), AtomicI64::new(0));
        Arc::new(Self { wall, passed_ms, begun: Instant::now() })
    }
    pub(super) fn set(&self, ms: i64) {
        self.wall.store(ms, Ordering::Relaxed);
    }
    pub(super) fn pass(&self, ms: i64) {
        self.wall.fetch_add(ms, Ordering::Relaxed);
        self.passed_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.wall.load(Ordering::Relaxed))
    }
    fn instant(&self) -> Instant {
        self.begun + Duration::from_millis(self.passed_ms.load(Ordering::Relaxed) as u64)
    }
}

/// A store with a few node numbers, and buckets.
pub(super) struct Few {
    nodes: Mutex<Vec<(Option<Holder>, Timestamp)>>,
    asked: AtomicU64,
    away: AtomicBool,
    buckets: Buckets,
}

impl Few {
    pub(super) fn new(nodes: usize) -> Arc<Self> {
        let free = (None, Timestamp::from_unix_ms(0));
        let nodes = Mutex::new(vec![free; nodes]);
        let (asked, away) = (AtomicU64::new(0), AtomicBool::new(false));
        Arc::new(Self { nodes, asked, away, buckets: Buckets::default() })
    }
    pub(super) fn goes_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

fn away<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("away".to_owned()))
}

#[async_trait]
impl Coordination for Few {
    async fn lease_node(&self, wish: NodeWish) -> Result<Option<NodeLease>, StoreError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        if self.away.load(Ordering::Relaxed) {
            return away();
        }
        let mut nodes = self.nodes.lock();
        let own = nodes.iter().position(|(holder, _)| *holder == Some(wish.holder));
        let free =
            |(holder, until): &(Option<Holder>, Timestamp)| holder.is_none() || *until < wish.now;
        let Some(node) = own.or_else(|| nodes.iter().position(free)) else { return Ok(None) };
        let after = nodes[node].1;
        let until = after.max(wish.until);
        nodes[node] = (Some(wish.holder), until);
        Ok(Some(NodeLease { node: node as u16, after, until }))
    }
    async fn release_node(&self, holder: Holder, used: Timestamp) -> Result<(), StoreError> {
        for node in self.nodes.lock().iter_mut().filter(|node| node.0 == Some(holder)) {
            *node = (None, used);
        }
        Ok(())
    }
    async fn take_token(&self, bucket: Bucket, now: Timestamp) -> Result<Token, StoreError> {
        if self.away.load(Ordering::Relaxed) { away() } else { Ok(self.buckets.take(bucket, now)) }
    }
    async fn return_token(&self, bucket: Bucket) -> Result<(), StoreError> {
        self.buckets.give_back(bucket);
        Ok(())
    }
    async fn take_relay(
        &self,
        _: &str,
        _: Holder,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Option<Position>, StoreError> {
        away()
    }
    async fn advance_relay(&self, _: &str, _: Holder, _: Position) -> Result<bool, StoreError> {
        away()
    }
}
