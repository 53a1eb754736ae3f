//! Whether this server should get requests, and what is wrong with it.

use std::time::Duration;

use super::Services;
use crate::storage::{Failure, StoreError};

/// How long a server that stops waits for what the store has to say.
const LAST_WORD: Duration = Duration::from_millis(500);

/// What is wrong with a server. Each is a line of `/readyz`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is about to stop.
    Stopping,
    /// The store can't do its work.
    Store(Failure),
    /// The store can't write, but what is there is read as ever, which is better than no answer.
    Writing(Failure),
}

impl Trouble {
    /// What is wrong, in a few words.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Stopping => "stopping",
            Self::Store(failure) | Self::Writing(failure) => failure.sentence(),
        }
    }

    /// Should requests go elsewhere?
    #[must_use]
    pub const fn keeps_from_serving(self) -> bool {
        !matches!(self, Self::Writing(_))
    }

    /// Can the store not even be read?
    #[must_use]
    pub fn is_store_down(self) -> bool {
        matches!(self, Self::Store(failure) if failure != Failure::DiskFull)
    }
}

/// Should this server get requests, with these troubles?
#[must_use]
pub fn is_ready(troubles: &[Trouble]) -> bool {
    !troubles.iter().copied().any(Trouble::keeps_from_serving)
}

impl Services {
    /// All that is wrong with this server now; nothing if it is well.
    pub async fn troubles(&self, stopping: bool) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        let of_store = if stopping {
            troubles.push(Trouble::Stopping);
            // Whoever waits for this must not wait longer than the server lives.
            tokio::time::timeout(LAST_WORD, self.trouble_of_store()).await.unwrap_or(None)
        } else {
            self.trouble_of_store().await
        };
        troubles.extend(of_store);
        troubles
    }

    async fn trouble_of_store(&self) -> Option<Trouble> {
        let error = self.ask_store().await.err()?;
        let failure = error.failure().unwrap_or(Failure::Unavailable);
        Some(if self.reads_despite(failure).await {
            tracing::warn!(%error, "ready, but nothing can be written");
            Trouble::Writing(failure)
        } else {
            tracing::warn!(%error, "not ready");
            Trouble::Store(failure)
        })
    }

    /// A server that must not write does not even try whether it could.
    async fn ask_store(&self) -> Result<(), StoreError> {
        if self.rules.role.writes() { self.store.ping().await } else { self.read_store().await }
    }

    /// Only trouble with a disk leaves the reads alone; and who answers no reads has nothing left.
    async fn reads_despite(&self, failure: Failure) -> bool {
        self.rules.role.reads()
            && matches!(failure, Failure::DiskFull | Failure::Io)
            && self.read_store().await.is_ok()
    }

    async fn read_store(&self) -> Result<(), StoreError> {
        self.store.read_all(self.store.position(), 1).await.map(drop)
    }
}
