//! What proves who somebody is, beside the password: authenticator apps with recovery codes, and
//! passkeys.
//!
//! * [`totp`], [`recovery`], [`passkey`]: the methods themselves, without a store.
//! * [`codes`]: a typed code, good for one piece of work. Log-ins use it from `accounts`.
//! * [`Factors`]: what their owner does with them, one file per subject.

mod app;
mod error;
mod own;
mod passkey;
mod passkeys;
mod recovery;
mod reset;
mod site;
mod totp;

pub(super) mod codes;
pub(crate) mod fuzzing;
pub(super) mod kept;

use std::sync::Arc;

pub use app::SetUp;
pub use error::{FactorError, MAX_PASSKEYS, PasskeyFault};
pub use own::{OwnFactors, OwnPasskey};
pub use recovery::RECOVERY_CODES;
pub use reset::Removed;

use codes::Codes;
use siskin_domain::{Password, UserId};
use site::Site;

use super::accounts::Accounts;
use super::{Caller, Clock, Entropy, Refused, Throttle};
use crate::storage::{Append, Effect, Store};

/// Second factors and passkeys of the person who asks. Clones share their state.
#[derive(Clone)]
pub struct Factors {
    parts: Arc<Parts>,
    /// Who the server is to authenticators; nobody without a host name.
    site: Arc<Option<Site>>,
    /// Its host, for people.
    host: Arc<str>,
}

/// What it is made of.
pub(super) struct Parts {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) throttle: Throttle,
    pub(super) accounts: Accounts,
    pub(super) codes: Codes,
}

/// Somebody who does something that needs more than their session: they type their password.
pub struct Confirmed<'a> {
    /// Who it is.
    pub caller: &'a Caller,
    /// What they typed.
    pub password: Password,
    /// Where they are, for the limits on guessing.
    pub from: std::net::IpAddr,
}

/// Somebody whose password was right just now.
pub struct Proven(Caller);

impl Proven {
    /// Their id.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.0.actor.id
    }
}

/// A visitor who may show a passkey, and was counted.
pub struct Visitor(());

/// A ceremony that has begun, as a browser is told of it.
pub struct Asked {
    /// WebAuthn's options as JSON.
    pub options: serde_json::Value,
}

impl Factors {
    pub(super) fn new(parts: Parts, public_url: &str) -> Self {
        let (site, host) = (Site::of(public_url), site::host(public_url).to_owned());
        Self { parts: Arc::new(parts), site: Arc::new(site), host: host.into() }
    }

    /// Whoever got hold of a session can't change what its owner logs in with, nor of a token for
    /// less than all.
    async fn confirm(&self, confirmed: &Confirmed<'_>) -> Result<(), Refused> {
        let Confirmed { caller, password, from } = confirmed;
        caller.may_change_ways_in()?;
        let guess = self.parts.throttle.log_in(*from, &caller.username).await?;
        self.parts.accounts.know_password(caller.actor.id, Some(password)).await?;
        guess.succeeded().await;
        Ok(())
    }

    /// Changes a user's proofs, all or nothing.
    async fn change(&self, user: UserId, effects: Vec<Effect>) -> Result<(), Refused> {
        let append = Append::beside(user, self.parts.clock.now(), effects);
        self.parts.store.append(append).await?;
        Ok(())
    }
}
