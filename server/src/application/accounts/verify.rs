//! Showing that an e-mail address is one's own.

use siskin_domain::user::UserError;
use siskin_domain::{Email, Timestamp, UserId, Username};

use super::Accounts;
use super::links::{Link, Made, mark, recipient};
use crate::application::idempotency::OnceSaying;
use crate::application::mail::{Letter, Recipient};
use crate::application::{Caller, Refused};
use crate::storage::{Effect, Proof, ProofKey, ProofKind};

/// One's own e-mail address.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnAddress {
    /// The address.
    pub email: Email,
    /// Was it shown to be one's own?
    pub verified: bool,
}

/// A link that is to be mailed once it is kept.
pub(super) struct Verification {
    pub(super) effect: Effect,
    pub(super) letter: Letter,
}

impl Accounts {
    /// Does this server send mail?
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.parts.outbox.is_some()
    }

    /// How many mails wait to be sent; `None` if none are.
    #[must_use]
    pub fn mails_waiting(&self) -> Option<usize> {
        self.parts.outbox.as_ref().map(|outbox| outbox.waiting())
    }

    /// The caller's address, and whether it was shown to be theirs.
    ///
    /// # Errors
    /// The store's; [`UserError::NotFound`].
    pub async fn own_address(&self, caller: &Caller) -> Result<OwnAddress, Refused> {
        let id = caller.actor.id;
        let user = recipient(&self.whole(id).await?).ok_or(UserError::NotFound)?;
        let verified = self.is_verified(id, &user.email).await?;
        Ok(OwnAddress { email: user.email, verified })
    }

    /// Was an address shown to be its user's?
    pub(super) async fn is_verified(&self, user: UserId, email: &Email) -> Result<bool, Refused> {
        let (key, now) = (verified_key(user, email), self.parts.clock.now());
        Ok(self.parts.store.find_proof(&key, now).await?.is_some())
    }

    /// Mails the caller a new link; `false` if their address is verified already.
    ///
    /// # Errors
    /// [`Refused::MailOff`], [`Refused::Throttled`]; the store's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn verify_again(&self, caller: &Caller) -> Result<bool, Refused> {
        if !self.sends_mail() {
            return Err(Refused::MailOff);
        }
        let id = caller.actor.id;
        if self.own_address(caller).await?.verified {
            return Ok(false);
        }
        self.parts.throttle.verification(id.get()).await?;
        let user = recipient(&self.whole(id).await?).ok_or(UserError::NotFound)?;
        if !self.parts.throttle.mail_to_stranger(user.email.as_str()).await? {
            return Err(Refused::Throttled { retry_after_s: 600, standings: Vec::new() });
        }
        let link = self.new_link(Link::Verify, id, &user.email).await?;
        self.post(self.parts.writer.verify(user, &link));
        Ok(true)
    }

    /// Notes that the address that this secret was mailed to is its owner's. Only once.
    ///
    /// # Errors
    /// [`Refused::LinkInvalid`]; the store's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn verify_address(&self, secret: &str, once: OnceSaying) -> Result<(), Refused> {
        let found = self.find_link(Link::Verify, secret).await?.ok_or(Refused::LinkInvalid)?;
        let (key, user) = (found.0, found.1.id);
        let email = recipient(&found.1).ok_or(UserError::NotFound)?.email;
        let at = self.parts.clock.now();
        let proof = Proof {
            key: verified_key(user, &email),
            user: Some(user),
            kind: ProofKind::MailVerified,
            label: String::new(),
            data: mark(&email),
            revision: 1,
            created_at: at,
            used_at: None,
            expires_at: None,
        };
        let drop = |kind| Effect::DropProofs { user, kind, except: None };
        let mut effects = vec![
            Effect::SpendProof(key),
            drop(ProofKind::VerifyMail),
            drop(ProofKind::MailVerified),
            Effect::KeepProof(proof),
        ];
        effects.extend(once.map(|(scope, answer)| scope.remember(&answer, Some(user))));
        match self.change_proofs(user, at, effects).await {
            // Somebody else has used it, or the account is gone.
            Err(Refused::Conflict) => Err(Refused::LinkInvalid),
            done => done,
        }
    }

    /// A link for a new address, kept together with it; `None` if this server sends no mail.
    pub(super) fn verification(
        &self,
        user: UserId,
        username: &Username,
        email: &Email,
        at: Timestamp,
    ) -> Option<Verification> {
        self.parts.outbox.as_ref()?;
        let Made { address, proof } = self.make_link(Link::Verify, user, email, at);
        let to = Recipient { username: username.clone(), email: email.clone() };
        let letter = self.parts.writer.verify(to, &address);
        Some(Verification { effect: Effect::KeepProof(proof), letter })
    }
}

/// Found by user and address: another address is not verified, whatever was kept before.
fn verified_key(user: UserId, email: &Email) -> ProofKey {
    let owned = format!("{user} {email}");
    ProofKey::of(ProofKind::MailVerified, owned.as_bytes())
}
