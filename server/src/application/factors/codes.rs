//! A typed code against what its owner has: an authenticator app and recovery codes.

use std::future::Future;
use std::sync::Arc;

use siskin_domain::{Timestamp, UserId};

use super::error::FactorError;
use super::kept::{self, App};
use super::recovery;
use super::totp::TotpSecret;
use crate::application::retry::retrying;
use crate::application::{Clock, Refused, Throttle};
use crate::storage::{Effect, Proof, ProofKey, ProofKind, Store, StoreError};

/// The longest text that is looked at, in bytes.
const LONGEST: usize = 32;

/// Checks codes and lets each do one piece of work. Clones share their state.
#[derive(Clone)]
pub(in crate::application) struct Codes {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    throttle: Throttle,
}

impl Codes {
    pub(in crate::application) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        throttle: Throttle,
    ) -> Self {
        Self { store, clock, throttle }
    }

    /// Must this user show a code when they log in?
    pub(in crate::application) async fn are_wanted_of(
        &self,
        user: UserId,
    ) -> Result<bool, StoreError> {
        Ok(self.app(user, self.clock.now()).await?.is_some())
    }

    /// Does a piece of work whose append spends a code: of many requests with one code, one does
    /// its work, whatever it is.
    ///
    /// Six digits can be guessed, so guesses are counted. They are the account's own: whoever
    /// guesses has shown the password. Its owner has recovery codes and passkeys left, which need
    /// no limit.
    ///
    /// # Errors
    /// [`FactorError::WrongCode`]; [`Refused::Throttled`]; the work's.
    pub(in crate::application) async fn spend<T, F>(
        &self,
        user: UserId,
        typed: &str,
        work: impl Fn(Effect) -> F,
    ) -> Result<T, Refused>
    where
        F: Future<Output = Result<T, Refused>>,
    {
        if typed.len() > LONGEST {
            return Err(FactorError::WrongCode.into());
        }
        let recovery = recovery::key(user, typed);
        let guess = match recovery {
            Some(_) => None,
            None => Some(self.throttle.code(user).await?),
        };
        let done = retrying(async || {
            let spent = match recovery {
                Some(key) => self.recovery_code(key).await?,
                None => self.code_of_app(user, typed).await?,
            };
            work(spent).await
        })
        .await;
        let wrong = matches!(done, Err(Refused::Factor(FactorError::WrongCode)));
        if let (Some(guess), false) = (guess, wrong) {
            guess.succeeded().await;
        }
        done
    }

    /// The authenticator app of a user.
    pub(super) async fn app(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Option<Proof>, StoreError> {
        self.store.find_proof(&app_key(user), now).await
    }

    async fn recovery_code(&self, key: ProofKey) -> Result<Effect, Refused> {
        match self.store.find_proof(&key, self.clock.now()).await? {
            Some(_) => Ok(Effect::SpendProof(key)),
            None => Err(FactorError::WrongCode.into()),
        }
    }

    /// A step is used once, and with it all before it.
    async fn code_of_app(&self, user: UserId, typed: &str) -> Result<Effect, Refused> {
        let now = self.clock.now();
        let proof = self.app(user, now).await?.ok_or(FactorError::WrongCode)?;
        let App { secret, step } = kept::read(&proof)?;
        let broken = || StoreError::Corrupt("the secret of an app can't be read".to_owned());
        let totp = TotpSecret::from_base32(&secret).ok_or_else(broken)?;
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let this = totp.step_of(&digits, now).filter(|this| *this > step);
        let step = this.ok_or(FactorError::WrongCode)?;
        Ok(Effect::ReplaceProof(kept::used(proof, &App { secret, step }, now)))
    }
}

/// What finds a user's authenticator app: they have one at most.
pub(super) fn app_key(user: UserId) -> ProofKey {
    ProofKey::of(ProofKind::Totp, &user.get().to_be_bytes())
}
