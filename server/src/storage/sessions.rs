//! What is kept of sessions and tokens, and what their owner is told of them.

use sha2::{Digest, Sha256};
use siskin_domain::moderation::Standing;
use siskin_domain::{Role, Timestamp, UserId};

use super::scopes::Scopes;

/// How many sessions a page or an answer of the API lists at most.
pub const MOST_SESSIONS: usize = 100;

/// SHA-256 of a session's or token's secret: all that a store ever sees of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(***)")
    }
}

/// A session's public number, below 2^53: its owner names the session by it.
///
/// It is a hash of the hash of a secret of 256 random bits, so it tells nothing of either, and
/// sessions from before there were numbers have one, too. It counts only together with the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub u64);

impl SessionId {
    /// The number of the session that this hash finds.
    #[must_use]
    pub fn of(token: &TokenHash) -> Self {
        let hash = Sha256::new().chain_update("siskin session ").chain_update(token.0).finalize();
        let bytes = hash.iter().take(7).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Self(bytes >> 3)
    }
}

/// How a session's secret travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// In a browser's cookie.
    Cookie,
    /// In an `Authorization: Bearer` header.
    Bearer,
}

impl SessionKind {
    /// The kind as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Bearer => "bearer",
        }
    }
}

/// Who began a session, as far as its owner is told: words, made at the log-in. Neither the
/// address nor the browser's own words are kept, and these go with the session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The browser and the system, as in `Firefox on Linux`; empty if unknown.
    pub device: String,
    /// From which network, no closer than an IPv4 /24 or an IPv6 /48; empty if unknown.
    pub place: String,
}

/// A session, as it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What finds it.
    pub token: TokenHash,
    /// Whose.
    pub user: UserId,
    /// Cookie or bearer; one is never taken for the other.
    pub kind: SessionKind,
    /// What its owner calls it; empty for browsers.
    pub name: String,
    /// Who began it.
    pub client: Client,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// A session that was found, with its owner as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOwner {
    /// Whose.
    pub user: UserId,
    /// Their username.
    pub username: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What moderators have done about them.
    pub standing: Standing,
    /// Cookie or bearer.
    pub kind: SessionKind,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it was last used, as far as noted.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// A session, as its owner is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSession {
    /// Its public number.
    pub id: SessionId,
    /// Cookie or bearer.
    pub kind: SessionKind,
    /// What its owner calls it; empty for browsers.
    pub name: String,
    /// Who began it.
    pub client: Client,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, as far as noted.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_number_is_a_javascript_number_and_not_part_of_the_hash() {
        let ids: Vec<u64> = (0..=255).map(|n| SessionId::of(&TokenHash([n; 32])).0).collect();
        assert!(ids.iter().all(|id| *id < 1 << 53));
        assert!(ids.iter().any(|id| *id >= 1 << 52), "all 53 bits are used");
        let different: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(different.len(), 256);
        assert_ne!(ids[1], 0x0001_0101_0101_0101_u64 >> 3);
    }
}
