//! An authenticator app: set up, given new recovery codes, switched off.

use siskin_domain::{Timestamp, UserId};

use super::codes::app_key;
use super::kept::{self, App, Ceremony};
use super::totp::TotpSecret;
use super::{Confirmed, FactorError, Factors, recovery};
use crate::application::{Caller, Refused, secret};
use crate::storage::{Effect, Proof, ProofKey, ProofKind, SessionKind, StoreError};

/// An app that is being set up: nothing counts before it has shown a right code.
pub struct SetUp {
    /// What the next step names it by.
    pub token: String,
    /// The secret in base32, for typing.
    pub secret: String,
    /// The `otpauth` address, for the QR code.
    pub address: String,
}

impl Factors {
    /// Makes the secret of an app.
    ///
    /// # Errors
    /// [`Refused::WrongCurrentPassword`]; [`FactorError::AppThere`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin_app(&self, confirmed: Confirmed<'_>) -> Result<SetUp, Refused> {
        self.confirm(&confirmed).await?;
        let (caller, now) = (confirmed.caller, self.parts.clock.now());
        let user = caller.actor.id;
        self.no_app_yet(user, now).await?;
        let totp = TotpSecret::make(&*self.parts.entropy);
        let (token, _) = secret::make(&*self.parts.entropy, SessionKind::Cookie);
        let ceremony = Ceremony::SetUp { secret: totp.to_base32() };
        let proof = ceremony.proof(set_up_key(&token), Some(user), now);
        self.parts.store.keep_proof(proof, now).await?;
        Ok(self.shown(caller, token, &totp))
    }

    /// An app that is being set up, to be shown again.
    ///
    /// # Errors
    /// [`FactorError::CeremonyOver`].
    pub async fn app_in_progress(&self, caller: &Caller, token: &str) -> Result<SetUp, Refused> {
        let (_, totp) = self.find_set_up(caller.actor.id, token, self.parts.clock.now()).await?;
        Ok(self.shown(caller, token.to_owned(), &totp))
    }

    /// The app has shown a code: from now on one is wanted at each log-in. Gives the recovery
    /// codes, this once.
    ///
    /// # Errors
    /// [`FactorError::WrongCode`], [`FactorError::CeremonyOver`], [`FactorError::AppThere`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn finish_app(
        &self,
        caller: &Caller,
        token: &str,
        code: &str,
    ) -> Result<Vec<String>, Refused> {
        let (user, now) = (caller.actor.id, self.parts.clock.now());
        let (begun, totp) = self.find_set_up(user, token, now).await?;
        self.no_app_yet(user, now).await?;
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let step = totp.step_of(&digits, now).ok_or(FactorError::WrongCode)?;
        let app = App { secret: totp.to_base32(), step };
        let app = kept::proof(ProofKind::Totp, app_key(user), Some(user), String::new(), &app, now);
        let mut effects = vec![Effect::SpendProof(begun.key), Effect::KeepProof(app)];
        let codes = self.new_codes(user, now, &mut effects);
        match self.change(user, effects).await {
            Err(Refused::Conflict) => Err(FactorError::CeremonyOver.into()),
            done => done.map(|()| codes),
        }
    }

    /// New recovery codes; the old ones count no more.
    ///
    /// # Errors
    /// [`Refused::WrongCurrentPassword`]; [`FactorError::NoApp`], [`FactorError::WrongCode`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn renew_codes(
        &self,
        confirmed: Confirmed<'_>,
        code: &str,
    ) -> Result<Vec<String>, Refused> {
        let user = confirmed.caller.actor.id;
        self.confirm_with_app(&confirmed).await?;
        self.parts
            .codes
            .spend(user, code, async |spent| {
                let mut effects = vec![spent];
                let codes = self.new_codes(user, self.parts.clock.now(), &mut effects);
                self.change(user, effects).await.map(|()| codes)
            })
            .await
    }

    /// Switches the app off, and its recovery codes with it: the password is enough again.
    ///
    /// # Errors
    /// [`Refused::WrongCurrentPassword`]; [`FactorError::NoApp`], [`FactorError::WrongCode`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn remove_app(&self, confirmed: Confirmed<'_>, code: &str) -> Result<(), Refused> {
        let user = confirmed.caller.actor.id;
        self.confirm_with_app(&confirmed).await?;
        self.parts
            .codes
            .spend(user, code, async |spent| {
                let drop = |kind| Effect::DropProofs { user, kind, except: None };
                let kinds = [ProofKind::Totp, ProofKind::RecoveryCode];
                let effects = std::iter::once(spent).chain(kinds.map(drop)).collect();
                self.change(user, effects).await
            })
            .await
    }

    async fn confirm_with_app(&self, confirmed: &Confirmed<'_>) -> Result<(), Refused> {
        self.confirm(confirmed).await?;
        let user = confirmed.caller.actor.id;
        if self.parts.codes.are_wanted_of(user).await? {
            Ok(())
        } else {
            Err(FactorError::NoApp.into())
        }
    }

    async fn no_app_yet(&self, user: UserId, now: Timestamp) -> Result<(), Refused> {
        match self.parts.codes.app(user, now).await? {
            Some(_) => Err(FactorError::AppThere.into()),
            None => Ok(()),
        }
    }

    async fn find_set_up(
        &self,
        user: UserId,
        token: &str,
        now: Timestamp,
    ) -> Result<(Proof, TotpSecret), Refused> {
        let over = FactorError::CeremonyOver;
        let found = self.parts.store.find_proof(&set_up_key(token), now).await?;
        let begun = found.filter(|begun| begun.user == Some(user)).ok_or(over)?;
        let Some(Ceremony::SetUp { secret }) = kept::ceremony(&begun) else {
            return Err(over.into());
        };
        let broken = || StoreError::Corrupt("the secret of an app can't be read".to_owned());
        let totp = TotpSecret::from_base32(&secret).ok_or_else(broken)?;
        Ok((begun, totp))
    }

    fn shown(&self, caller: &Caller, token: String, totp: &TotpSecret) -> SetUp {
        let address = totp.address(&caller.username, &self.host).unwrap_or_default();
        SetUp { token, secret: totp.to_base32(), address }
    }

    fn new_codes(&self, user: UserId, now: Timestamp, effects: &mut Vec<Effect>) -> Vec<String> {
        let codes = recovery::make(&*self.parts.entropy);
        let kind = ProofKind::RecoveryCode;
        effects.push(Effect::DropProofs { user, kind, except: None });
        let keys = codes.iter().filter_map(|code| recovery::key(user, code));
        effects.extend(keys.map(|key| {
            Effect::KeepProof(kept::proof(kind, key, Some(user), String::new(), &(), now))
        }));
        codes
    }
}

fn set_up_key(token: &str) -> ProofKey {
    ProofKey::of(ProofKind::Ceremony, token.as_bytes())
}
