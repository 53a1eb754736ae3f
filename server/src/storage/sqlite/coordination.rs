//! What several processes on one file agree on.

use async_trait::async_trait;
use siskin_domain::{Position, Timestamp};

use super::{SqliteStore, relays};
use crate::storage::{Bucket, Coordination, Holder, NodeLease, NodeWish, StoreError};

#[async_trait]
impl Coordination for SqliteStore {
    async fn lease_node(&self, _wish: NodeWish) -> Result<Option<NodeLease>, StoreError> {
        Err(not_here())
    }

    async fn release_node(&self, _holder: Holder, _used: Timestamp) -> Result<(), StoreError> {
        Err(not_here())
    }

    async fn take_token(
        &self,
        _bucket: Bucket,
        _now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        Err(not_here())
    }

    async fn return_token(&self, _bucket: Bucket) -> Result<(), StoreError> {
        Err(not_here())
    }

    async fn take_relay(
        &self,
        name: &str,
        holder: Holder,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Position>, StoreError> {
        let wanted = name.to_owned();
        let taken =
            self.writer.write(move |conn| relays::take(conn, &wanted, holder, now, until)).await?;
        if taken == 0 {
            return Ok(None);
        }
        // Nobody but its holder moves it.
        let name = name.to_owned();
        self.readers.read(move |conn| relays::position(conn, &name)).await
    }

    async fn advance_relay(
        &self,
        name: &str,
        holder: Holder,
        to: Position,
    ) -> Result<bool, StoreError> {
        let name = name.to_owned();
        let moved = self.writer.write(move |conn| relays::advance(conn, &name, holder, to)).await?;
        Ok(moved > 0)
    }
}

fn not_here() -> StoreError {
    StoreError::Unavailable("node leases and shared buckets come with the branch `nodes`".into())
}
