//! The second step of a log-in, for whoever has an authenticator app: the password was right, and
//! a code is missing.

use siskin_domain::UserId;

use super::Accounts;
use super::begin::{LoggedIn, NewSession, logged_in};
use crate::application::factors::FactorError;
use crate::application::factors::kept::{self, Ceremony};
use crate::application::retry::retrying;
use crate::application::{Refused, secret};
use crate::storage::{
    Append, Credential, Effect, Proof, ProofKey, ProofKind, SessionKind, StoreError,
};

/// How many codes may be tried before the password is asked for again.
const TRIES: u32 = 5;

impl Accounts {
    /// Is a code awaited from whoever has this secret?
    ///
    /// # Errors
    /// The store's.
    pub async fn awaits_code(&self, secret: &str) -> Result<bool, StoreError> {
        let now = self.parts.clock.now();
        let found = self.parts.store.find_proof(&step_key(secret), now).await?;
        Ok(found.is_some_and(|begun| matches!(kept::ceremony(&begun), Some(Ceremony::Code { .. }))))
    }

    /// Signs in with a code, after a right password.
    ///
    /// # Errors
    /// [`FactorError::WrongCode`]; [`FactorError::CeremonyOver`] after a few tries or minutes;
    /// [`Refused::Throttled`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn log_in_with_code(
        &self,
        secret: &str,
        code: &str,
        new: NewSession,
    ) -> Result<LoggedIn, Refused> {
        // Counted before the code is looked at: of many at once, no more than these are tried.
        let user = retrying(async || self.count_try(secret).await).await?;
        let begun = step_key(secret);
        self.parts
            .codes
            .spend(user, code, async |spent| {
                let effects = vec![Effect::SpendProof(begun), spent];
                self.begin_with(user, new.clone(), logged_in(), None, effects).await
            })
            .await
    }

    /// Begins to wait for a code; gives what the browser shows with it.
    pub(super) async fn await_code(&self, shown: &Credential) -> Result<String, Refused> {
        let (secret, _) = secret::make(&*self.parts.entropy, SessionKind::Cookie);
        let (user, now) = (shown.user, self.parts.clock.now());
        let proof = Ceremony::Code { tries: 0 }.proof(step_key(&secret), Some(user), now);
        let append = Append::beside(user, now, vec![shown.still_holds(), Effect::KeepProof(proof)]);
        self.parts.store.append(append).await?;
        Ok(secret)
    }

    async fn count_try(&self, secret: &str) -> Result<UserId, Refused> {
        let (now, over) = (self.parts.clock.now(), FactorError::CeremonyOver);
        let begun = self.parts.store.find_proof(&step_key(secret), now).await?.ok_or(over)?;
        let user = begun.user.ok_or(over)?;
        let tries = match kept::ceremony(&begun) {
            Some(Ceremony::Code { tries }) if tries < TRIES => tries + 1,
            _ => return Err(over.into()),
        };
        let counted: Proof = kept::used(begun, &Ceremony::Code { tries }, now);
        let append = Append::beside(user, now, vec![Effect::ReplaceProof(counted)]);
        self.parts.store.append(append).await?;
        Ok(user)
    }
}

fn step_key(secret: &str) -> ProofKey {
    ProofKey::of(ProofKind::Ceremony, secret.as_bytes())
}
