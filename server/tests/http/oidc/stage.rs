//! A provider's double, and Siskin's side of it without pages.

use std::sync::Arc;
use std::time::Duration;

use siskin_server::application::{Clock, OsEntropy};
use siskin_server::oidc::{Arrival, Ceremony, Limits, OidcError, Provider, Providers};

use super::double::Double;
use crate::app::TestClock;

pub(super) struct Stage {
    pub(super) double: Double,
    pub(super) clock: Arc<TestClock>,
    providers: Providers,
}

impl Stage {
    /// One on which the provider has all the time that a slow machine may take.
    pub(super) async fn new() -> Self {
        Self::with(Limits { time: Duration::from_secs(60), ..Limits::default() }).await
    }

    /// One on which nobody waits long: for a provider that never answers.
    pub(super) async fn impatient() -> Self {
        Self::with(Limits { time: Duration::from_millis(200), ..Limits::default() }).await
    }

    async fn with(limits: Limits) -> Self {
        let (double, clock) = (Double::start().await, Arc::<TestClock>::default());
        let shared: Arc<dyn Clock> = clock.clone();
        let configs = [double.config("double")];
        let providers = Providers::new(&configs, "https://siskin.example", &shared, limits);
        Self { double, clock, providers }
    }

    pub(super) fn provider(&self) -> &Provider {
        self.providers.get("double").unwrap()
    }

    pub(super) async fn begin(&self) -> Result<String, OidcError> {
        self.provider().begin(&Ceremony::new(&OsEntropy)).await
    }

    /// There and back.
    pub(super) async fn arrive(&self) -> Result<Arrival, OidcError> {
        let (ceremony, provider) = (Ceremony::new(&OsEntropy), self.provider());
        let back = self.double.agree(&provider.begin(&ceremony).await?);
        let part = |name| back.iter().find(|(key, _)| *key == name).unwrap().1.clone();
        assert_eq!(part("state"), ceremony.state());
        provider.check_sender(Some(&part("iss"))).await?;
        provider.arrive(&ceremony, part("code")).await
    }

    /// Why nobody arrives.
    pub(super) async fn refused(&self) -> OidcError {
        match self.arrive().await {
            Err(error) => error,
            Ok(arrival) => panic!("somebody arrives: {}", arrival.identity.subject),
        }
    }
}
