//! How a server ends.

use std::time::Duration;

use clap::Args;

/// The variables about the end of a server.
#[derive(Debug, Clone, Args)]
pub struct DrainConfig {
    /// How many seconds the server goes on after SIGTERM, with /readyz at 503, before it closes: 0
    /// to 300. Behind a load balancer: longer than that takes to notice, which is its interval
    /// times its number of failed checks. SIGINT, or a second SIGTERM, does not wait.
    #[arg(
        long,
        env = "SISKIN_DRAIN_SECONDS",
        value_name = "N",
        default_value_t = 0,
        value_parser = clap::value_parser!(u16).range(0..=300)
    )]
    pub drain_seconds: u16,
}

impl DrainConfig {
    /// For how long.
    #[must_use]
    pub const fn wait(&self) -> Duration {
        Duration::from_secs(self.drain_seconds as u64)
    }
}
