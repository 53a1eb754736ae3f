//! Whether this server should get requests, and why not.

use std::time::Duration;

use super::Services;
use crate::storage::{Failure, StoreError};

/// How long a server that stops waits for what the store has to say.
const LAST_WORD: Duration = Duration::from_millis(500);

/// Why a server is not ready. Each is a line of `/readyz`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    /// It is about to stop.
    Stopping,
    /// The store can't do its work.
    Store(Failure),
}

impl Unready {
    /// As `/readyz` says it.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Stopping => "stopping",
            Self::Store(failure) => failure.sentence(),
        }
    }

    /// Can the store not even be read?
    #[must_use]
    pub fn is_store_down(self) -> bool {
        matches!(self, Self::Store(failure) if failure != Failure::DiskFull)
    }
}

impl Services {
    /// All that keeps this server from being ready; nothing if it is.
    pub async fn unready(&self, stopping: bool) -> Vec<Unready> {
        let mut reasons = Vec::new();
        let asked = if stopping {
            reasons.push(Unready::Stopping);
            // Whoever waits for this must not wait longer than the server lives.
            tokio::time::timeout(LAST_WORD, self.ask_store()).await.unwrap_or(Ok(()))
        } else {
            self.ask_store().await
        };
        if let Err(error) = asked {
            tracing::warn!(%error, "not ready");
            reasons.push(Unready::Store(error.failure().unwrap_or(Failure::Unavailable)));
        }
        reasons
    }

    /// A server that must not write does not even try whether it could.
    async fn ask_store(&self) -> Result<(), StoreError> {
        if self.rules.role.writes() {
            self.store.ping().await
        } else {
            self.store.read_all(self.store.position(), 1).await.map(drop)
        }
    }
}
