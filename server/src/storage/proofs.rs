//! What proves who somebody is, beside the password: links that were mailed, second factors,
//! passkeys, identities elsewhere, invitations; and the ceremonies that are under way.
//!
//! A store keeps them alike and reads nothing into them: what finds one is a hash, what it holds is
//! the application's own.

use sha2::{Digest, Sha256};
use siskin_domain::{Timestamp, UserId};

/// The most bytes of [`Proof::data`].
pub const MOST_PROOF_DATA: usize = 4096;
/// Expiry of what never expires, as it is stored: the end of the year 9999, in Unix milliseconds.
pub(super) const NEVER_MS: i64 = 253_402_300_799_999;

/// What finds a proof: SHA-256 of its kind and of whatever a caller shows or is known by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProofKey(pub [u8; 32]);

impl ProofKey {
    /// The key of a proof of this kind that this finds: a secret's bytes, a credential's id, …
    #[must_use]
    pub fn of(kind: ProofKind, what: &[u8]) -> Self {
        let hash = Sha256::new().chain_update("siskin proof ").chain_update(kind.as_str());
        Self(hash.chain_update("\0").chain_update(what).finalize().into())
    }
}

impl std::fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofKey(***)")
    }
}

/// What a proof is for. One kind is never taken for another: it is part of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProofKind {
    /// An address was shown to be its owner's.
    MailVerified,
    /// A link that shows it.
    VerifyMail,
    /// A link to a new password.
    ResetPassword,
    /// The secret of one-time codes.
    Totp,
    /// A code for when the device is lost.
    RecoveryCode,
    /// A passkey.
    Passkey,
    /// An identity at another provider.
    Identity,
    /// A log-in or a registration that is under way.
    Ceremony,
    /// A way in for somebody new.
    Invitation,
}

impl ProofKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::MailVerified,
        Self::VerifyMail,
        Self::ResetPassword,
        Self::Totp,
        Self::RecoveryCode,
        Self::Passkey,
        Self::Identity,
        Self::Ceremony,
        Self::Invitation,
    ];

    /// The kind as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MailVerified => "mail_verified",
            Self::VerifyMail => "verify_mail",
            Self::ResetPassword => "reset_password",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::Passkey => "passkey",
            Self::Identity => "identity",
            Self::Ceremony => "ceremony",
            Self::Invitation => "invitation",
        }
    }

    /// The kind that was stored.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Does it move house with its owner? What is under way or was only sent does not.
    #[must_use]
    pub const fn lasts(self) -> bool {
        match self {
            Self::MailVerified
            | Self::Totp
            | Self::RecoveryCode
            | Self::Passkey
            | Self::Identity
            | Self::Invitation => true,
            Self::VerifyMail | Self::ResetPassword | Self::Ceremony => false,
        }
    }
}

/// Something that proves who somebody is. `Debug` does not show what it holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    /// What finds it.
    pub key: ProofKey,
    /// Whose; nobody's only while a visitor's ceremony is under way. It goes when they go.
    pub user: Option<UserId>,
    /// What it is for.
    pub kind: ProofKind,
    /// What its owner calls it; may be empty.
    pub label: String,
    /// JSON of the application's own, at most [`MOST_PROOF_DATA`] bytes.
    pub data: String,
    /// 1 at first; a replacement has one more.
    pub revision: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    /// When it ends by itself; `None` if it does not.
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proof")
            .field("user", &self.user)
            .field("kind", &self.kind)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

impl Proof {
    /// When it ends, as it is stored.
    pub(super) fn expires_ms(&self) -> i64 {
        self.expires_at.map_or(NEVER_MS, Timestamp::unix_ms)
    }
}

/// The end that was stored.
pub(super) fn expiry(ms: i64) -> Option<Timestamp> {
    (ms != NEVER_MS).then(|| Timestamp::from_unix_ms(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        let keys = ProofKind::ALL.map(|kind| ProofKey::of(kind, b"the same"));
        let different: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(different.len(), ProofKind::ALL.len());
        for kind in ProofKind::ALL {
            assert_eq!(ProofKind::named(kind.as_str()), Some(kind));
        }
        assert_eq!(ProofKind::named("password"), None);
    }

    #[test]
    fn what_it_holds_is_not_shown() {
        let proof = Proof {
            key: ProofKey([7; 32]),
            user: None,
            kind: ProofKind::Totp,
            label: "label".to_owned(),
            data: "secret".to_owned(),
            revision: 1,
            created_at: Timestamp::from_unix_ms(0),
            used_at: None,
            expires_at: None,
        };
        assert!(!format!("{proof:?}").contains("secret"));
    }
}
