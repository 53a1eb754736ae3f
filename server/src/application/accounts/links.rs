//! Secrets that are mailed in links: 256 random bits, each good for one thing, once, for a while.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use siskin_domain::{Email, StreamId, Timestamp, UserId, Username, wire};

use super::Accounts;
use crate::application::Refused;
use crate::application::mail::{Letter, Recipient};
use crate::storage::{Append, Audience, Effect, Expected, Proof, ProofKey, ProofKind};

const HOUR_MS: i64 = 60 * 60 * 1000;
/// The length of a secret: base64url of 32 bytes.
const SECRET_CHARS: usize = 43;

/// What a link in a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// To say that an address is one's own.
    Verify,
    /// To choose a new password.
    Reset,
}

impl Link {
    pub(super) const fn kind(self) -> ProofKind {
        match self {
            Self::Verify => ProofKind::VerifyMail,
            Self::Reset => ProofKind::ResetPassword,
        }
    }

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Verify => "/account/verify",
            Self::Reset => "/account/reset",
        }
    }

    const fn lasts_ms(self) -> i64 {
        match self {
            Self::Verify => 24 * HOUR_MS,
            Self::Reset => HOUR_MS,
        }
    }

    /// What finds the link with this secret; `None` if it can't be one.
    pub(super) fn key(self, secret: &str) -> Option<ProofKey> {
        (secret.len() == SECRET_CHARS).then(|| ProofKey::of(self.kind(), secret.as_bytes()))
    }
}

/// A link that was made: what is told, and what is kept of it.
pub(super) struct Made {
    pub(super) address: String,
    pub(super) proof: Proof,
}

impl Accounts {
    /// Makes a link for somebody. It is worth nothing before its proof is kept.
    pub(super) fn make_link(&self, link: Link, user: UserId, email: &Email, at: Timestamp) -> Made {
        let mut bytes = [0; 32];
        self.parts.entropy.fill(&mut bytes);
        let secret = URL_SAFE_NO_PAD.encode(bytes);
        let proof = Proof {
            key: ProofKey::of(link.kind(), secret.as_bytes()),
            user: Some(user),
            kind: link.kind(),
            label: String::new(),
            data: mark(email),
            revision: 1,
            created_at: at,
            used_at: None,
            expires_at: Some(at.plus_ms(link.lasts_ms())),
        };
        Made { address: self.parts.writer.link(link.path(), &secret), proof }
    }

    /// Makes a link that takes the place of all older ones of its kind, and keeps it.
    pub(super) async fn new_link(
        &self,
        link: Link,
        user: UserId,
        email: &Email,
    ) -> Result<String, Refused> {
        let at = self.parts.clock.now();
        let Made { address, proof } = self.make_link(link, user, email, at);
        let drop = Effect::DropProofs { user, kind: link.kind(), except: None };
        self.change_proofs(user, at, vec![drop, Effect::KeepProof(proof)]).await?;
        Ok(address)
    }

    /// Would this secret do what it was made for now? Asking does not use it up.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_link(&self, link: Link, secret: &str) -> Result<bool, Refused> {
        Ok(self.find_link(link, secret).await?.is_some())
    }

    /// The link with this secret and whose it is, unless their address is another one by now.
    pub(super) async fn find_link(
        &self,
        link: Link,
        secret: &str,
    ) -> Result<Option<(ProofKey, wire::User)>, Refused> {
        let (Some(key), now) = (link.key(secret), self.parts.clock.now()) else { return Ok(None) };
        let Some(proof) = self.parts.store.find_proof(&key, now).await? else { return Ok(None) };
        let Some(user) = proof.user else { return Ok(None) };
        let found = self.parts.store.find_user(user, Audience::All).await?;
        let is_theirs = |user: &wire::User| {
            let email = user.email.as_deref().and_then(|email| Email::parse(email).ok());
            email.is_some_and(|email| mark(&email) == proof.data)
        };
        Ok(found.filter(is_theirs).map(|user| (key, user)))
    }

    /// Changes what is kept beside a user, who must be there.
    pub(super) async fn change_proofs(
        &self,
        user: UserId,
        at: Timestamp,
        effects: Vec<Effect>,
    ) -> Result<(), Refused> {
        let (stream, expected) = (StreamId::Logins(user), Expected::Any);
        let (events, actor) = (Vec::new(), Some(user));
        let append = Append { stream, expected, events, at, actor, effects };
        self.parts.store.append(append).await?;
        Ok(())
    }

    /// Posts a letter to an address that nobody has shown to be theirs, unless it has had too many:
    /// whoever signs up with it, or sets it, may be anybody.
    pub(super) async fn post_to_stranger(&self, letter: Letter) {
        if !self.sends_mail() {
            return;
        }
        match self.parts.throttle.mail_to_stranger(letter.to.as_str()).await {
            Ok(true) => self.post(letter),
            Ok(false) => tracing::debug!("an address has had too many mails"),
            Err(error) => tracing::error!(%error, "a mail was not sent"),
        }
    }

    /// Posts a letter, if this server sends mail. It may be asked for again, so trouble is only
    /// noted.
    pub(super) fn post(&self, letter: Letter) {
        if let Some(outbox) = &self.parts.outbox
            && let Err(error) = outbox.post(letter)
        {
            tracing::error!(%error, "a mail was not sent");
        }
    }
}

/// Whom a letter goes to.
pub(super) fn recipient(user: &wire::User) -> Option<Recipient> {
    let username = Username::parse(&user.username).ok()?;
    let email = Email::parse(user.email.as_deref()?).ok()?;
    Some(Recipient { username, email })
}

/// An address as proofs are bound to it: its hash, since it is kept with its owner already.
pub(super) fn mark(email: &Email) -> String {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::new().chain_update("siskin address ").chain_update(email.as_str());
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash.finalize()))
}
