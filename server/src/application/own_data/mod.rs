//! Everything of one's own, as an archive: `data.json` for programs and `index.html` for people.
//!
//! `docs/OWN_DATA.md` describes the archive. It is written while it is sent, a few hundred tweets
//! at a time, so that it costs the same memory whoever asks.

mod facts;
mod page;
mod snapshot;
mod write;

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;
use siskin_domain::UserId;

use super::{Caller, Clock, Refused, Rules, Throttle};
use crate::storage::Store;
use snapshot::Snapshot;
pub use write::Chunks;

/// So many archives are written at once, of as many people: nobody keeps the others from theirs by
/// reading several slowly.
const MOST_AT_ONCE: usize = 16;
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
    places: Places,
}

/// Who is sent an archive now. Clones share it.
#[derive(Clone, Default)]
struct Places(Arc<Mutex<HashSet<UserId>>>);

/// Somebody's place among them; given back when dropped.
struct Place {
    of: UserId,
    places: Places,
}

impl Places {
    /// A place, unless they have one or there is none.
    fn take(&self, of: UserId) -> Option<Place> {
        let mut taken = self.0.lock();
        let free = taken.len() < MOST_AT_ONCE && taken.insert(of);
        free.then(|| Place { of, places: self.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.0.lock().remove(&self.of);
    }
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
        let (site, places) = (rules.public_url.clone(), Places::default());
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
        let busy = || Refused::Throttled { retry_after_s: WAIT_S, standings: Vec::new() };
        let place = shared.places.take(caller.actor.id).ok_or_else(busy)?;
        shared.throttle.own_data(caller.actor.id).await?;
        let now = shared.clock.now();
        let snapshot = Snapshot::of(&*shared.store, caller, now, &shared.site).await?;
        let day: String = now.to_string().chars().take(10).collect();
        let file_name = format!("siskin-{}-{day}.zip", snapshot.facts.profile.username);
        let chunks = write::begin(shared.store.clone(), snapshot, place);
        Ok(Archive { file_name, chunks })
    }
}
