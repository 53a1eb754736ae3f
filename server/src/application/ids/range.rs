//! A leased range of time, and how it is used up. Pure but for one atomic number per kind of id.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use siskin_domain::id::{EPOCH_MS, SEQUENCE_BITS};
use siskin_domain::{Id, Timestamp};

use super::LASTS;
use crate::storage::NodeLease;

/// The ids that may be made now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    node: u16,
    /// The first and the last number that are ours: time and sequence, as [`number`] makes them.
    first: u64,
    last: u64,
    /// When the store was asked: the lease has run out [`LASTS`] later, whatever the clock says.
    begun: Instant,
}

/// An id that was made.
pub(super) struct Made<K> {
    pub(super) id: Id<K>,
    /// Less than half of the range is left.
    pub(super) renew: bool,
}

impl Range {
    /// A lease that was asked for at `begun`; what is left of the one before stays if the two are
    /// of one number and join.
    pub(super) fn new(lease: NodeLease, begun: Instant, before: Option<Self>) -> Self {
        let joined =
            before.filter(|before| before.node == lease.node && time(before.last) >= lease.after);
        Self {
            node: lease.node,
            first: joined.map_or_else(|| number(lease.after.plus_ms(1)), |before| before.first),
            last: number(lease.until.plus_ms(1)).saturating_sub(1),
            begun,
        }
    }

    /// Where the range before this one ended.
    pub(super) const fn after(&self) -> Timestamp {
        time(self.first).plus_ms(-1)
    }

    /// The next id after `last`: of this moment, or as soon after it as there is one. `None` at
    /// the end of the range or of the lease.
    pub(super) fn make<K>(
        &self,
        last: &AtomicU64,
        now: Timestamp,
        instant: Instant,
    ) -> Option<Made<K>> {
        let age = instant.saturating_duration_since(self.begun);
        if age >= LASTS {
            return None;
        }
        let least = number(now).max(self.first);
        let after = |last: u64| Some(least.max(last + 1)).filter(|made| *made <= self.last);
        let last = last.fetch_update(Ordering::AcqRel, Ordering::Acquire, after).ok()?;
        let made = after(last)?;
        let sequence = made & ((1 << SEQUENCE_BITS) - 1);
        let left = time(self.last).unix_ms() - time(made).unix_ms();
        Some(Made {
            id: Id::compose(time(made), self.node, sequence as u16),
            renew: left < LASTS.as_millis() as i64 / 2 || age > LASTS / 2,
        })
    }
}

/// The first number of a millisecond. Times before the epoch of ids count as the epoch.
fn number(at: Timestamp) -> u64 {
    u64::try_from(at.unix_ms() - EPOCH_MS).unwrap_or(0) << SEQUENCE_BITS
}

/// The millisecond of a number.
pub(super) const fn time(number: u64) -> Timestamp {
    Timestamp::from_unix_ms((number >> SEQUENCE_BITS) as i64 + EPOCH_MS)
}
