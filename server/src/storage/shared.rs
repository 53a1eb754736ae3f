//! What several servers on one store share, so that none gets in another's way, and what moves a
//! whole store to another.

use async_trait::async_trait;
use siskin_domain::{Position, Recorded, Timestamp, UserId};

use super::{Credential, Proof, ProofKey, StoreError};

/// Tells one running process from all others: random, and made when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Holder(pub [u8; 16]);

/// A wish for a node number, or for more time on the one that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeWish {
    /// Who asks.
    pub holder: Holder,
    /// The asker's clock. A lease that ended before it is free.
    pub now: Timestamp,
    /// The last moment that ids are to be made for.
    pub until: Timestamp,
}

/// A node number for a range of time: ids with this number and a time in `after < time <= until`
/// are made by its holder and by nobody else, whatever the clocks of the others say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeLease {
    /// 0 to 15.
    pub node: u16,
    /// Where the range before this one ended. A holder who asks again keeps what they had.
    pub after: Timestamp,
    /// Where this range ends.
    pub until: Timestamp,
}

/// A place in a token bucket: what is limited, by SHA-256 of its name, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// SHA-256 of the limit's name and of what it counts.
    pub key: [u8; 32],
    /// So many tokens are in a full bucket.
    pub burst: u32,
    /// A token comes back after so many milliseconds.
    pub every_ms: u32,
}

impl Bucket {
    /// When it is full again, if it was noted as then: never further ahead than an empty one. It is only
    /// if the clock was set back; nobody waits until the clock is there again, but has one token now
    /// and the others at the usual pace.
    pub(super) fn possible(&self, noted: i64, now: i64) -> i64 {
        let (burst, every) = (i64::from(self.burst), i64::from(self.every_ms));
        if noted > now + burst * every { now + (burst - 1) * every } else { noted }
    }
}

/// What came of asking a bucket for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// There was one.
    Taken {
        /// So many milliseconds later the bucket is full again.
        full_in_ms: u64,
    },
    /// There was none, and asking costs none.
    Missing {
        /// So many milliseconds later there is one.
        for_ms: u64,
    },
}

/// The latest that a relay's lease can end, to somebody who asks for one until then: one that ends later
/// was taken by a clock that has been set back since, or is wrong, and is free. Clocks may differ by three
/// times as much as the lease is long. `None` for who gives a lease back, by asking for no time: none is
/// free by that.
pub(super) fn latest_end(now: Timestamp, until: Timestamp) -> Option<Timestamp> {
    let long = until.unix_ms().saturating_sub(now.unix_ms());
    (long > 0).then(|| until.plus_ms(long.saturating_mul(3)))
}

/// What several servers agree on.
#[async_trait]
pub trait Coordination: Send + Sync + 'static {
    /// Leases a node number for ids: the one that the holder has, with more time, or the free one
    /// that was free for longest. `None` if all sixteen are held by others. The range is empty if
    /// its number's time is ahead of the wish: a later wish gets more.
    ///
    /// Ranges of one number never overlap, so two servers never make the same id, even if their
    /// clocks differ by more than a lease is long.
    async fn lease_node(&self, wish: NodeWish) -> Result<Option<NodeLease>, StoreError>;

    /// Gives a node number back early: nothing was made for a time after `used`.
    async fn release_node(&self, holder: Holder, used: Timestamp) -> Result<(), StoreError>;

    /// Takes a token, if there is one. Counted for all servers together where several can use the
    /// store.
    async fn take_token(&self, bucket: Bucket, now: Timestamp) -> Result<Token, StoreError>;

    /// Gives a token back.
    async fn return_token(&self, bucket: Bucket) -> Result<(), StoreError>;

    /// Becomes, or stays, the only one who relays under this name, until then; the position that
    /// it has been relayed to (0 at first), or `None` while another one has it. Who has it for longer than
    /// four times what is asked for has it by a wrong clock, and loses it.
    async fn take_relay(
        &self,
        name: &str,
        holder: Holder,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Position>, StoreError>;

    /// Moves a relay's checkpoint forward; `false` if another one has taken the relay.
    async fn advance_relay(
        &self,
        name: &str,
        holder: Holder,
        to: Position,
    ) -> Result<bool, StoreError>;
}

/// Moving a whole store.
#[async_trait]
pub trait Archive: Send + Sync + 'static {
    /// Up to `limit` credentials of users with ids above `after`, in order of ids.
    async fn credentials_after(
        &self,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Credential>, StoreError>;

    /// Adds events as another store recorded them: positions, versions, times and all. They must
    /// follow the log's end without a gap. One transaction; projections follow as in a rebuild.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the log ends elsewhere.
    async fn restore_events(&self, events: Vec<Recorded>) -> Result<(), StoreError>;

    /// Sets credentials as another store had them; users who are not there are passed over.
    async fn restore_credentials(&self, credentials: Vec<Credential>) -> Result<(), StoreError>;

    /// Up to `limit` proofs with keys above `after`, in order of keys: those whose kind
    /// [lasts](super::ProofKind::lasts), and that never expire.
    async fn proofs_after(
        &self,
        after: Option<ProofKey>,
        limit: usize,
    ) -> Result<Vec<Proof>, StoreError>;

    /// Keeps proofs as another store had them, instead of those with the same keys; those of users
    /// who are not there are passed over.
    async fn restore_proofs(&self, proofs: Vec<Proof>) -> Result<(), StoreError>;
}
