//! What several processes with the same file agree on.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, params};
use siskin_domain::{Position, Timestamp};
use tokio::sync::oneshot;

use super::{SqliteStore, relays};
use crate::storage::{Bucket, Coordination, Holder, NodeLease, NodeWish, StoreError, Token};

#[async_trait]
impl Coordination for SqliteStore {
    async fn lease_node(&self, wish: NodeWish) -> Result<Option<NodeLease>, StoreError> {
        let (tell, told) = oneshot::channel();
        self.writer
            .write(move |conn| {
                let lease = lease(conn, wish)?;
                let leased = u64::from(lease.is_some());
                // Whoever no longer waits leaves a lease that runs out by itself.
                let _ = tell.send(lease);
                Ok(leased)
            })
            .await?;
        // The answer counts once the transaction is committed, which was just said.
        told.await.map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    async fn release_node(&self, holder: Holder, used: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE nodes SET holder = NULL, until = max(since, min(until, ?2))
                   WHERE holder = ?1";
        self.writer
            .write(move |conn| {
                Ok(conn.prepare_cached(sql)?.execute(params![holder.0, used.unix_ms()])? as u64)
            })
            .await
            .map(drop)
    }

    // Buckets are in memory: a file is one machine's, and usually one server's. Processes that
    // share it count alone.

    async fn take_token(&self, bucket: Bucket, now: Timestamp) -> Result<Token, StoreError> {
        Ok(self.buckets.take(bucket, now))
    }

    async fn return_token(&self, bucket: Bucket) -> Result<(), StoreError> {
        self.buckets.give_back(bucket);
        Ok(())
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

fn lease(conn: &Connection, wish: NodeWish) -> Result<Option<NodeLease>, StoreError> {
    match extend(conn, wish)? {
        Some(lease) => Ok(Some(lease)),
        None => take(conn, wish),
    }
}

/// More time on the number that the holder has, lapsed or not.
fn extend(conn: &Connection, wish: NodeWish) -> Result<Option<NodeLease>, StoreError> {
    let mut select = conn.prepare_cached("SELECT node, until FROM nodes WHERE holder = ?1")?;
    let held = select
        .query_row([wish.holder.0], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    let Some((node, after)) = held else { return Ok(None) };
    let until = after.max(wish.until.unix_ms());
    conn.prepare_cached("UPDATE nodes SET until = ?2 WHERE node = ?1")?
        .execute(params![node, until])?;
    Ok(Some(range(node, after, until)))
}

/// The number that was free for longest, if one is free. Where its time is ahead of the asker's
/// clock, the range may be empty: the holder asks again for what comes after it.
fn take(conn: &Connection, wish: NodeWish) -> Result<Option<NodeLease>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT node, until FROM nodes
         WHERE holder IS NULL OR until < ?1 ORDER BY until, node LIMIT 1",
    )?;
    let free = select
        .query_row([wish.now.unix_ms()], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    let Some((node, after)) = free else { return Ok(None) };
    let until = after.max(wish.until.unix_ms());
    conn.prepare_cached("UPDATE nodes SET holder = ?2, since = ?3, until = ?4 WHERE node = ?1")?
        .execute(params![node, wish.holder.0, after, until])?;
    Ok(Some(range(node, after, until)))
}

const fn range(node: u16, after: i64, until: i64) -> NodeLease {
    NodeLease { node, after: Timestamp::from_unix_ms(after), until: Timestamp::from_unix_ms(until) }
}
