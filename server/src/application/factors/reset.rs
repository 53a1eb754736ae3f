//! The operator's way out, for people who have lost everything but their password.

use siskin_domain::Username;

use super::Factors;
use crate::application::Refused;
use crate::storage::{Effect, ProofKind};

/// What the operator has taken from somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// Was there an authenticator app?
    pub app: bool,
    /// How many recovery codes were left.
    pub recovery_codes: usize,
    /// How many passkeys there were.
    pub passkeys: usize,
}

impl Factors {
    /// Takes all second factors and passkeys from somebody: their password is enough again.
    ///
    /// # Errors
    /// There is no such user.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn reset(&self, username: &Username) -> Result<Removed, Refused> {
        let user = self.parts.accounts.id_of(username).await?;
        let proofs = self.parts.store.proofs_of(user, self.parts.clock.now()).await?;
        let count = |kind| proofs.iter().filter(|proof| proof.kind == kind).count();
        let removed = Removed {
            app: count(ProofKind::Totp) > 0,
            recovery_codes: count(ProofKind::RecoveryCode),
            passkeys: count(ProofKind::Passkey),
        };
        let kinds =
            [ProofKind::Totp, ProofKind::RecoveryCode, ProofKind::Passkey, ProofKind::Ceremony];
        let drop = |kind| Effect::DropProofs { user, kind, except: None };
        self.change(user, kinds.map(drop).to_vec()).await?;
        tracing::warn!(%user, ?removed, "the operator removed all second factors of a user");
        Ok(removed)
    }
}
