//! What the caller has.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use siskin_domain::Timestamp;

use super::Factors;
use crate::application::Caller;
use crate::storage::{Proof, ProofKey, ProofKind, StoreError};

/// Somebody's own second factors and passkeys. No secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFactors {
    /// Since when an authenticator app is set up; `None` if there is none.
    pub app_since: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
    /// The oldest first.
    pub passkeys: Vec<OwnPasskey>,
    /// Could there be passkeys here? Not if the server has no host name.
    pub passkeys_possible: bool,
}

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPasskey {
    /// What it is removed by: 43 characters of base64url.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

impl Factors {
    /// Can there be passkeys here?
    #[must_use]
    pub fn passkeys_possible(&self) -> bool {
        self.site.is_some()
    }

    /// The caller's.
    ///
    /// # Errors
    /// The store's.
    pub async fn own(&self, caller: &Caller) -> Result<OwnFactors, StoreError> {
        let now = self.parts.clock.now();
        let proofs = self.parts.store.proofs_of(caller.actor.id, now).await?;
        let of = |kind| proofs.iter().filter(move |proof| proof.kind == kind);
        Ok(OwnFactors {
            app_since: of(ProofKind::Totp).map(|proof| proof.created_at).next(),
            recovery_codes: of(ProofKind::RecoveryCode).count(),
            passkeys: of(ProofKind::Passkey).map(own).collect(),
            passkeys_possible: self.site.is_some(),
        })
    }
}

pub(super) fn own(proof: &Proof) -> OwnPasskey {
    OwnPasskey {
        id: URL_SAFE_NO_PAD.encode(proof.key.0),
        name: proof.label.clone(),
        created_at: proof.created_at,
        used_at: proof.used_at,
    }
}

/// The key behind an [`OwnPasskey::id`].
pub(super) fn key(id: &str) -> Option<ProofKey> {
    URL_SAFE_NO_PAD.decode(id).ok()?.try_into().ok().map(ProofKey)
}
