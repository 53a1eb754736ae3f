//! What keeps a store from writing, for as long as it does.

use parking_lot::Mutex;

use super::{Failure, StoreError};

/// What is wrong with the disk. Set by whoever meets it, taken back by a write that succeeds.
#[derive(Debug, Default)]
pub(super) struct Trouble(Mutex<Option<StoreError>>);

impl Trouble {
    /// Notes an error, if it is one of the disk's; it is logged when it begins.
    pub(super) fn met(&self, error: &StoreError) {
        let Some(failure) = error.failure().filter(|failure| *failure != Failure::Unavailable)
        else {
            return;
        };
        let mut known = self.0.lock();
        let before = known.as_ref().and_then(StoreError::failure);
        // What is broken stays broken, whatever else is met.
        if before == Some(failure) || before == Some(Failure::Damaged) {
            return;
        }
        match failure {
            Failure::Damaged => tracing::error!(
                %error,
                "the database is damaged: nothing is written to it any more. Stop the server and \
                 restore the last backup with \"siskin restore\" (docs/FAULTS.md)"
            ),
            _ => tracing::error!(
                %error,
                "nothing can be written now: changes are refused and reads go on until it passes"
            ),
        }
        *known = Some(error.clone());
    }

    /// A write succeeded.
    pub(super) fn over(&self) {
        let mut known = self.0.lock();
        if known.as_ref().is_some_and(|error| error.failure() != Some(Failure::Damaged)) {
            *known = None;
            tracing::info!("the disk can be written again");
        }
    }

    /// Is there something that may pass?
    pub(super) fn may_pass(&self) -> bool {
        self.0.lock().as_ref().is_some_and(|error| error.failure() != Some(Failure::Damaged))
    }

    /// Fails with what is wrong, if something is.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.0.lock().clone().map_or(Ok(()), Err)
    }

    /// Fails if nothing must be written any more.
    pub(super) fn check_sound(&self) -> Result<(), StoreError> {
        match &*self.0.lock() {
            Some(error @ StoreError::Damaged(_)) => Err(error.clone()),
            _ => Ok(()),
        }
    }
}

/// Counts writes that were refused for a reason that is the store's.
pub(super) fn count(error: &StoreError, writes: usize) {
    if let Some(failure) = error.failure() {
        let reason = failure.label();
        metrics::counter!("siskin_store_write_failures_total", "reason" => reason)
            .increment(writes as u64);
    }
}
