//! Accounts somewhere else that people sign in with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use siskin_domain::{Password, Timestamp, UserId};

use super::Accounts;
use super::begin::{LoggedIn, NewSession, logged_in};
use super::ceremonies::ceremony;
use crate::application::retry::retrying;
use crate::application::{Caller, Refused, ways_in};
use crate::storage::{Append, Effect, Proof, ProofKey, ProofKind, StoreError};

/// The longest label, in characters.
const LONGEST_LABEL: usize = 100;

/// Who somebody is to a provider: its word for itself, and its word for them, which it gives to
/// nobody else, ever. An e-mail address is neither.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The person.
    pub subject: String,
}

/// An identity for somebody new.
#[derive(Clone)]
pub struct NewIdentity {
    /// Whose they are there.
    pub identity: Identity,
    /// What they know it by.
    pub label: String,
    /// The ceremony that ends with it.
    pub ceremony: [u8; 32],
}

/// The identities of somebody, as they are told.
pub struct OwnIdentities {
    /// Oldest first.
    pub list: Vec<OwnIdentity>,
    /// Can they sign in with a password, too?
    pub has_password: bool,
}

/// An identity, as its owner is told.
pub struct OwnIdentity {
    /// What it is unlinked by.
    pub id: String,
    /// The provider.
    pub issuer: String,
    /// What they know it by.
    pub label: String,
    /// Since when it is linked.
    pub linked_at: Timestamp,
    /// When they last signed in with it.
    pub used_at: Option<Timestamp>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for NewIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewIdentity").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl Identity {
    /// What finds it. An issuer is an address, so that there is no NUL in it.
    fn key(&self) -> ProofKey {
        let what = [self.issuer.as_bytes(), b"\0", self.subject.as_bytes()].concat();
        ProofKey::of(ProofKind::Identity, &what)
    }

    fn proof(&self, user: UserId, label: &str, at: Timestamp) -> Proof {
        Proof {
            key: self.key(),
            user: Some(user),
            kind: ProofKind::Identity,
            label: label.chars().take(LONGEST_LABEL).collect(),
            data: serde_json::to_string(self).unwrap_or_default(),
            revision: 1,
            created_at: at,
            used_at: None,
            expires_at: None,
        }
    }
}

impl NewIdentity {
    /// What becomes true together with the account: the identity is its, and the ceremony is over.
    pub(super) fn effects(&self, user: UserId, at: Timestamp) -> Vec<Effect> {
        let proof = self.identity.proof(user, &self.label, at);
        vec![Effect::SpendProof(ceremony(self.ceremony)), Effect::KeepProof(proof)]
    }
}

impl Accounts {
    /// Signs in whoever has this identity; `None` if nobody has.
    ///
    /// # Errors
    /// The store's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn log_in_with(
        &self,
        identity: &Identity,
        new: NewSession,
    ) -> Result<Option<LoggedIn>, Refused> {
        retrying(|| self.try_log_in_with(identity, new.clone())).await
    }

    async fn try_log_in_with(
        &self,
        identity: &Identity,
        new: NewSession,
    ) -> Result<Option<LoggedIn>, Refused> {
        let now = self.parts.clock.now();
        let found = self.parts.store.find_proof(&identity.key(), now).await?;
        let Some((proof, user)) = found.and_then(|proof| proof.user.map(|user| (proof, user)))
        else {
            return Ok(None);
        };
        // As it is at this moment: one that is unlinked meanwhile signs nobody in.
        let revision = proof.revision + 1;
        let used = Effect::ReplaceProof(Proof { revision, used_at: Some(now), ..proof });
        self.begin_with(user, new, logged_in(), None, vec![used]).await.map(Some)
    }

    /// Before an identity is linked: the caller shows the password, if there is one. It is one way
    /// in more, so whoever only got hold of a session must not add it.
    ///
    /// # Errors
    /// [`Refused::CurrentPasswordRequired`]; [`Refused::WrongCurrentPassword`].
    pub async fn confirm(
        &self,
        caller: &Caller,
        password: Option<&Password>,
    ) -> Result<(), Refused> {
        self.know_password(caller.actor.id, password).await
    }

    /// Links an identity to the caller's account; it may be linked to it already.
    ///
    /// # Errors
    /// [`Refused::IdentityTaken`] if it is somebody else's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn link(
        &self,
        caller: &Caller,
        identity: &Identity,
        label: &str,
    ) -> Result<(), Refused> {
        let (user, now) = (caller.actor.id, self.parts.clock.now());
        let proof = identity.proof(user, label, now);
        let append =
            Append::beside(user, now, vec![self.still(caller).await?, Effect::KeepProof(proof)]);
        match self.parts.store.append(append).await {
            Err(StoreError::Conflict) => {
                match self.parts.store.find_proof(&identity.key(), now).await? {
                    Some(proof) if proof.user == Some(user) => Ok(()),
                    Some(_) => Err(Refused::IdentityTaken),
                    // The account is gone, or the session.
                    None => Err(Refused::NotSignedIn),
                }
            }
            kept => Ok(kept.map(drop)?),
        }
    }

    /// The caller's identities.
    ///
    /// # Errors
    /// The store's.
    pub async fn identities(&self, caller: &Caller) -> Result<OwnIdentities, StoreError> {
        let user = caller.actor.id;
        let proofs = self.parts.store.proofs_of(user, self.parts.clock.now()).await?;
        let list = proofs.into_iter().filter(|proof| proof.kind == ProofKind::Identity);
        let list = list.map(|proof| OwnIdentity {
            id: URL_SAFE_NO_PAD.encode(proof.key.0),
            issuer: issuer(&proof),
            label: proof.label,
            linked_at: proof.created_at,
            used_at: proof.used_at,
        });
        let has_password = self.parts.store.credential_of(user).await?.is_some();
        Ok(OwnIdentities { list: list.collect(), has_password })
    }

    /// Unlinks one of the caller's identities. One that is not there is no trouble. `usable` says
    /// which issuers people can sign in with today.
    ///
    /// # Errors
    /// [`Refused::LastWayIn`] if the caller could not sign in any more.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn unlink(
        &self,
        caller: &Caller,
        id: &str,
        usable: impl Fn(&str) -> bool + Sync,
    ) -> Result<(), Refused> {
        let key = URL_SAFE_NO_PAD.decode(id).ok().and_then(|bytes| bytes.try_into().ok());
        let Some(key) = key.map(ProofKey) else { return Ok(()) };
        retrying(|| self.try_unlink(caller.actor.id, key, &usable)).await
    }

    async fn try_unlink(
        &self,
        user: UserId,
        key: ProofKey,
        usable: &(impl Fn(&str) -> bool + Sync),
    ) -> Result<(), Refused> {
        let at = self.parts.clock.now();
        let way = (key, ProofKind::Identity);
        let closing = ways_in::closing(&*self.parts.store, user, way, at, usable).await?;
        let Some(effects) = closing else { return Ok(()) };
        let append = Append::beside(user, at, effects);
        self.parts.store.append(append).await?;
        Ok(())
    }

    /// Spares somebody new the rest if their identity is somebody's already.
    pub(super) async fn refuse_linked(&self, identity: &Identity) -> Result<(), Refused> {
        match self.parts.store.find_proof(&identity.key(), self.parts.clock.now()).await? {
            Some(_) => Err(Refused::IdentityTaken),
            None => Ok(()),
        }
    }
}

/// Who the provider of an identity is.
pub(in crate::application) fn issuer(proof: &Proof) -> String {
    let identity = serde_json::from_str(&proof.data);
    identity.map(|identity: Identity| identity.issuer).unwrap_or_default()
}
