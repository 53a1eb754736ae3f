//! Everything of one's own, as an archive: `data.json` for programs and `index.html` for people.
//!
//! `docs/OWN_DATA.md` describes the archive. It is written while it is sent, a few hundred tweets
//! at a time, so that it costs the same memory whoever asks.

mod facts;
mod page;
mod snapshot;
mod write;

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{Caller, Clock, Refused, Rules, Throttle};
use crate::storage::Store;
use snapshot::Snapshot;
pub use write::Chunks;

/// So many archives are written at once.
const MOST_AT_ONCE: usize = 4;
/// What whoever comes while so many are written is told to wait.
const WAIT_S: u64 = 30;

/// Writes archives. Clones share their places.
#[derive(Clone)]
pub struct OwnData {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    throttle: Throttle,
    site: String,
    places: Arc<Semaphore>,
}

/// An archive that is about to be sent.
pub struct Archive {
    /// What to call the file, in plain ASCII.
    pub file_name: String,
    /// The zip, as it is written. It breaks off with an error if the store does.
    pub chunks: Chunks,
}

impl OwnData {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        throttle: Throttle,
        rules: &Rules,
    ) -> Self {
        let (site, places) = (rules.public_url.clone(), Arc::new(Semaphore::new(MOST_AT_ONCE)));
        Self { shared: Arc::new(Shared { store, clock, throttle, site, places }) }
    }

    /// Begins the archive of whoever asks: everybody's is for themselves alone.
    ///
    /// # Errors
    /// [`Refused::Throttled`]; [`Refused::NotSignedIn`] if they are gone; [`Refused::Conflict`] if
    /// they change more quickly than they can be read; the store's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin(&self, caller: &Caller) -> Result<Archive, Refused> {
        let shared = &self.shared;
        shared.throttle.own_data(caller.actor.id).await?;
        let place = Arc::clone(&shared.places)
            .try_acquire_owned()
            .map_err(|_| Refused::Throttled { retry_after_s: WAIT_S, standings: Vec::new() })?;
        let now = shared.clock.now();
        let snapshot = Snapshot::of(&*shared.store, caller, now, &shared.site).await?;
        let day: String = now.to_string().chars().take(10).collect();
        let file_name = format!("siskin-{}-{day}.zip", snapshot.facts.profile.username);
        let chunks = write::begin(shared.store.clone(), snapshot, place);
        Ok(Archive { file_name, chunks })
    }
}
