//! Passkeys: registered, shown at a log-in, removed.
//!
//! A ceremony is found by its challenge and spent before its answer is looked at: whatever comes
//! of it, it counts once.

use siskin_domain::{DisplayName, UserId};

use super::error::{FactorError, MAX_PASSKEYS, PasskeyFault};
use super::kept::{self, Ceremony};
use super::passkey::{Begun, Handle, Owner, Passkey, Registered, Shown};
use super::site::Site;
use super::{Asked, Confirmed, Factors, OwnPasskey, Proven, Visitor, own, passkey};
use crate::application::retry::retrying;
use crate::application::{Caller, LoggedIn, NewSession, Refused, ways_in};
use crate::storage::{Effect, MOST_PROOF_DATA, Proof, ProofKey, ProofKind};

impl Factors {
    /// Somebody who may have a passkey, if the password is theirs.
    ///
    /// # Errors
    /// [`Refused::WrongCurrentPassword`]; [`FactorError::PasskeysUnavailable`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn prove(&self, confirmed: Confirmed<'_>) -> Result<Proven, Refused> {
        self.site()?;
        self.confirm(&confirmed).await?;
        Ok(Proven(confirmed.caller.clone()))
    }

    /// Begins the registration of a passkey.
    ///
    /// # Errors
    /// [`FactorError::TooManyPasskeys`], [`FactorError::PasskeysUnavailable`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin_passkey(&self, owner: &Proven) -> Result<Asked, Refused> {
        let site = self.site()?;
        let Caller { actor, username, name, .. } = &owner.0;
        let passkeys = self.kept_passkeys(actor.id).await?;
        let known = passkeys.iter().find_map(Passkey::handle);
        let handle = known.unwrap_or_else(|| Handle::make(&*self.parts.entropy));
        let owner = Owner { username, name, handle: &handle, passkeys: &passkeys };
        let Begun { options, key, state } =
            passkey::begin_registration(site, &owner).map_err(FactorError::from)?;
        self.keep(Ceremony::Register { state }, key, Some(actor.id)).await?;
        Ok(Asked { options })
    }

    /// Keeps the passkey that an authenticator has made.
    ///
    /// # Errors
    /// [`FactorError::CeremonyOver`], [`FactorError::Passkey`], [`FactorError::TooManyPasskeys`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn finish_passkey(
        &self,
        caller: &Caller,
        name: DisplayName,
        answer: &[u8],
    ) -> Result<OwnPasskey, Refused> {
        let (site, user) = (self.site()?, caller.actor.id);
        let registered = Registered::read(answer).map_err(FactorError::from)?;
        let key = registered.ceremony().map_err(FactorError::from)?;
        let Ceremony::Register { state } = self.end(key, Some(user)).await? else {
            return Err(FactorError::CeremonyOver.into());
        };
        let made = registered.verify(site, &state).map_err(FactorError::from)?;
        self.kept_passkeys(user).await?;
        let key = made.key().ok_or(FactorError::Passkey(PasskeyFault::Unreadable))?;
        let now = self.parts.clock.now();
        let proof = kept::proof(ProofKind::Passkey, key, Some(user), name.into(), &made, now);
        if proof.data.len() > MOST_PROOF_DATA {
            return Err(FactorError::Passkey(PasskeyFault::Refused).into());
        }
        let shown = own::own(&proof);
        let still = self.parts.accounts.still(caller).await?;
        match self.change(user, vec![still, Effect::KeepProof(proof)]).await {
            Err(Refused::Conflict) => Err(FactorError::Passkey(PasskeyFault::Taken).into()),
            done => done.map(|()| shown),
        }
    }

    /// Removes one of the caller's passkeys. `usable` says with whose accounts people can sign in
    /// today.
    ///
    /// # Errors
    /// [`Refused::WrongCurrentPassword`]; [`FactorError::NoSuchPasskey`]; [`Refused::LastWayIn`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn remove_passkey(
        &self,
        confirmed: Confirmed<'_>,
        id: &str,
        usable: impl Fn(&str) -> bool + Sync,
    ) -> Result<(), Refused> {
        self.confirm(&confirmed).await?;
        let (user, none) = (confirmed.caller.actor.id, FactorError::NoSuchPasskey);
        let way = (own::key(id).ok_or(none)?, ProofKind::Passkey);
        let usable = &usable;
        retrying(|| async move {
            let (store, now) = (&*self.parts.store, self.parts.clock.now());
            let closing = ways_in::closing(store, user, way, now, usable).await?;
            self.change(user, closing.ok_or(none)?).await
        })
        .await
    }

    /// May a visitor with this address show a passkey? Whatever a stranger can have written down
    /// comes after this.
    ///
    /// # Errors
    /// [`FactorError::PasskeysUnavailable`]; [`Refused::Throttled`].
    pub async fn may_show_passkey(&self, from: std::net::IpAddr) -> Result<Visitor, Refused> {
        self.site()?;
        self.parts.throttle.ceremony(from).await?;
        Ok(Visitor(()))
    }

    /// Begins a visitor's log-in by passkey.
    ///
    /// # Errors
    /// [`FactorError::PasskeysUnavailable`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn ask_for_passkey(&self, _: Visitor) -> Result<Asked, Refused> {
        let site = self.site()?;
        let Begun { options, key, state } =
            passkey::begin_log_in(site).map_err(FactorError::from)?;
        self.keep(Ceremony::LogIn { state }, key, None).await?;
        Ok(Asked { options })
    }

    /// Signs in by the passkey that an authenticator has shown. It is both factors.
    ///
    /// # Errors
    /// [`FactorError::CeremonyOver`], [`FactorError::Passkey`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn log_in_by_passkey(
        &self,
        answer: &[u8],
        new: NewSession,
    ) -> Result<LoggedIn, Refused> {
        let site = self.site()?;
        let shown = Shown::read(answer).map_err(FactorError::from)?;
        let key = shown.ceremony().map_err(FactorError::from)?;
        let Ceremony::LogIn { state } = self.end(key, None).await? else {
            return Err(FactorError::CeremonyOver.into());
        };
        // Two log-ins at once: the second is checked against the counter that the first has left.
        retrying(async || {
            let unknown = FactorError::Passkey(PasskeyFault::Unknown);
            let now = self.parts.clock.now();
            let found = self.parts.store.find_proof(&shown.passkey(), now).await?;
            let proof = found.ok_or(unknown)?;
            let user = proof.user.ok_or(unknown)?;
            let next = shown.verify(site, &state, &kept::read(&proof)?);
            let next = next.map_err(FactorError::from)?;
            let spent = Effect::ReplaceProof(kept::used(proof, &next, now));
            self.parts.accounts.enter(user, new.clone(), vec![spent]).await
        })
        .await
    }

    fn site(&self) -> Result<&Site, Refused> {
        Ok(self.site.as_ref().as_ref().ok_or(FactorError::PasskeysUnavailable)?)
    }

    /// The passkeys that there are, if there may be one more.
    async fn kept_passkeys(&self, user: UserId) -> Result<Vec<Passkey>, Refused> {
        let proofs = self.parts.store.proofs_of(user, self.parts.clock.now()).await?;
        let passkeys: Vec<_> =
            proofs.iter().filter(|proof| proof.kind == ProofKind::Passkey).collect();
        if passkeys.len() >= MAX_PASSKEYS {
            return Err(FactorError::TooManyPasskeys.into());
        }
        Ok(passkeys.into_iter().map(kept::read).collect::<Result<_, _>>()?)
    }

    async fn keep(
        &self,
        ceremony: Ceremony,
        key: ProofKey,
        user: Option<UserId>,
    ) -> Result<(), Refused> {
        let now = self.parts.clock.now();
        Ok(self.parts.store.keep_proof(ceremony.proof(key, user, now), now).await?)
    }

    /// Ends a ceremony, if it is this person's.
    async fn end(&self, key: ProofKey, user: Option<UserId>) -> Result<Ceremony, Refused> {
        let spent = self.parts.store.spend_proof(&key, self.parts.clock.now()).await?;
        let own = spent.filter(|spent: &Proof| spent.user == user);
        Ok(own.as_ref().and_then(kept::ceremony).ok_or(FactorError::CeremonyOver)?)
    }
}
