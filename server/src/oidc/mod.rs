//! Signing in with an account somewhere else, by OpenID Connect.
//!
//! * [`Providers`]: those that the operator has named, and nobody else is ever asked.
//! * [`Provider`]: where a person is sent, and who they are when they come back.
//! * [`Ceremony`]: what ties the way back to the browser that went.
//!
//! What an identity means for an account is the application's: see
//! [`accounts`](crate::application::accounts).

mod ceremony;
mod config;
mod discovery;
mod error;
mod fetch;
mod provider;
mod verify;

use std::sync::Arc;

pub use ceremony::Ceremony;
pub use config::ProviderConfig;
pub use error::OidcError;
use fetch::Fetch;
pub use fetch::Limits;
pub use provider::{Arrival, Claims, Provider};

use crate::application::Clock;

/// The providers that the operator has named, by name.
pub struct Providers {
    all: Vec<Provider>,
}

impl Providers {
    /// Knows them and asks nobody yet. People come back to `public_url`.
    #[must_use]
    pub fn new(
        configs: &[ProviderConfig],
        public_url: &str,
        clock: &Arc<dyn Clock>,
        limits: Limits,
    ) -> Self {
        if configs.is_empty() {
            return Self { all: Vec::new() };
        }
        let fetch = Fetch::new(limits);
        let provider = |config| Provider::new(config, public_url, fetch.clone(), Arc::clone(clock));
        Self { all: configs.iter().cloned().map(provider).collect() }
    }

    /// The provider of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Provider> {
        self.all.iter().find(|provider| provider.name() == name)
    }

    /// The first provider with this issuer.
    #[must_use]
    pub fn of_issuer(&self, issuer: &str) -> Option<&Provider> {
        self.all.iter().find(|provider| provider.issuer() == issuer)
    }

    /// All of them, in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.all.iter()
    }
}
