//! Time-ordered 53-bit identifiers.
//!
//! `| 41 bits: milliseconds since 2024-01-01 | 4 bits: node | 8 bits: sequence |`
//!
//! They are plain JSON numbers in JavaScript (below 2^53), and sort as time does.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Bits of an id that carry the node number.
pub const NODE_BITS: u32 = 4;
/// Bits of an id that count within one millisecond on one node.
pub const SEQUENCE_BITS: u32 = 8;
/// The first id that is too large: 2^53, the end of JavaScript's exact integers.
pub const LIMIT: u64 = 1 << 53;
/// 2024-01-01T00:00:00Z in Unix milliseconds: the epoch of ids.
pub const EPOCH_MS: i64 = 1_704_067_200_000;

/// An identifier of one kind of thing. `K` only tells kinds apart at compile time.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Id<K>(u64, PhantomData<fn() -> K>);

/// Tells user ids from other ids.
#[derive(Debug)]
pub enum UserKind {}
/// Tells tweet ids from other ids.
#[derive(Debug)]
pub enum TweetKind {}
/// Tells ids of reports from other ids.
#[derive(Debug)]
pub enum ReportKind {}

/// Identifies a user.
pub type UserId = Id<UserKind>;
/// Identifies a tweet.
pub type TweetId = Id<TweetKind>;
/// Identifies a report.
pub type ReportId = Id<ReportKind>;

/// The number is not an id: zero, or not below 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is a whole number from 1 to 2^53 - 1")]
pub struct InvalidId;

impl<K> Id<K> {
    /// Accepts any number from 1 to 2^53 - 1.
    ///
    /// # Errors
    /// [`InvalidId`] for zero and for what JavaScript cannot hold exactly.
    pub const fn new(raw: u64) -> Result<Self, InvalidId> {
        if raw == 0 || raw >= LIMIT { Err(InvalidId) } else { Ok(Self(raw, PhantomData)) }
    }

    /// Composes an id from its parts; `node` and `sequence` are cut to their bits.
    ///
    /// Times before the epoch of ids count as the epoch, so that a wrong clock cannot make an
    /// invalid id.
    #[must_use]
    pub fn compose(at: Timestamp, node: u16, sequence: u16) -> Self {
        let ms = (at.unix_ms() - EPOCH_MS).clamp(0, (1 << 41) - 1) as u64;
        let node = u64::from(node) & ((1 << NODE_BITS) - 1);
        let sequence = u64::from(sequence) & ((1 << SEQUENCE_BITS) - 1);
        let raw = ms << (NODE_BITS + SEQUENCE_BITS) | node << SEQUENCE_BITS | sequence;
        Self(raw.max(1), PhantomData)
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// When the id was made, to the millisecond.
    #[must_use]
    pub const fn made_at(self) -> Timestamp {
        Timestamp::from_unix_ms((self.0 >> (NODE_BITS + SEQUENCE_BITS)) as i64 + EPOCH_MS)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl<K> TryFrom<u64> for Id<K> {
    type Error = InvalidId;
    fn try_from(raw: u64) -> Result<Self, InvalidId> {
        Self::new(raw)
    }
}
impl<K> From<Id<K>> for u64 {
    fn from(id: Id<K>) -> Self {
        id.0
    }
}
impl<K> FromStr for Id<K> {
    type Err = InvalidId;
    /// Reads decimal digits only: no sign, no space.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.is_empty() || text.len() > 16 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidId);
        }
        text.parse::<u64>().map_err(|_| InvalidId).and_then(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_as_time() {
        let at = |ms| Timestamp::from_unix_ms(EPOCH_MS + ms);
        let earlier = TweetId::compose(at(5), 15, 255);
        let later = TweetId::compose(at(6), 0, 0);
        assert!(earlier < later);
        assert_eq!(later.made_at(), at(6));
    }

    #[test]
    fn the_last_millisecond_still_fits_javascript() {
        let last = TweetId::compose(Timestamp::from_unix_ms(i64::MAX / 2), 15, 255);
        assert_eq!(last.get(), LIMIT - 1);
    }

    #[test]
    fn zero_signs_and_overflow_are_refused() {
        for text in ["", "0", "-1", "+1", " 1", "9007199254740992", "99999999999999999999"] {
            assert_eq!(text.parse::<UserId>(), Err(InvalidId), "{text:?}");
        }
        assert_eq!("9007199254740991".parse::<UserId>().map(UserId::get), Ok(LIMIT - 1));
    }
}
