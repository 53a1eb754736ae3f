//! What keeps a store from writing, for as long as it does.

use parking_lot::Mutex;

use super::{Failure, StoreError};

/// What is wrong with the disk. Set by whoever meets it, taken back by a write that succeeds.
#[derive(Debug, Default)]
pub(super) struct Trouble(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    known: Option<StoreError>,
    /// It looks damaged, and is to be looked through before anything is written.
    suspected: bool,
    /// That is under way.
    looking: bool,
}

impl State {
    fn failure(&self) -> Option<Failure> {
        self.known.as_ref().and_then(StoreError::failure)
    }
}

impl Trouble {
    /// Notes an error, if it is one of the disk's; it is logged when it begins.
    pub(super) fn met(&self, error: &StoreError) {
        let mut state = self.0.lock();
        // What is broken stays broken, whatever else is met.
        if state.failure() == Some(Failure::Damaged) {
            return;
        }
        let error = match error {
            StoreError::DiskFull(_) | StoreError::DiskFailed(_) => error.clone(),
            StoreError::Damaged(why) => {
                state.suspected = true;
                StoreError::DiskFailed(why.clone())
            }
            _ => return,
        };
        if state.failure() != error.failure() {
            let words = "nothing can be written now: changes are refused and reads go on until \
                         it passes";
            tracing::error!(%error, "{words}");
            state.known = Some(error);
        }
    }

    /// A write succeeded.
    pub(super) fn over(&self) {
        let mut state = self.0.lock();
        let passed = state.failure().is_some_and(|failure| failure != Failure::Damaged);
        if passed && !state.suspected {
            state.known = None;
            tracing::info!("the disk can be written again");
        }
    }

    /// Is there something that may pass?
    pub(super) fn may_pass(&self) -> bool {
        self.0.lock().failure().is_some_and(|failure| failure != Failure::Damaged)
    }

    /// Does the file look broken, so that it has to be looked through?
    pub(super) fn is_suspected(&self) -> bool {
        self.0.lock().suspected
    }

    /// Somebody is to look through the file: the caller, unless somebody does already.
    pub(super) fn begin_look(&self) -> bool {
        !std::mem::replace(&mut self.0.lock().looking, true)
    }

    /// They have.
    pub(super) fn end_look(&self) {
        self.0.lock().looking = false;
    }

    /// The file was looked through, and is whole.
    pub(super) fn is_sound(&self) {
        self.0.lock().suspected = false;
    }

    /// The file was looked through, and is broken. That is for good.
    pub(super) fn is_damaged(&self, error: &StoreError) {
        tracing::error!(
            %error,
            "nothing is written to the database any more. Stop the server, keep the file, and \
             restore the last backup with \"siskin restore\" (docs/FAULTS.md)"
        );
        let mut state = self.0.lock();
        state.suspected = false;
        state.known = Some(error.clone());
    }

    /// Fails with what is wrong, if something is.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.0.lock().known.clone().map_or(Ok(()), Err)
    }

    /// Fails if nothing must be written: the file is broken, or looks so.
    pub(super) fn check_sound(&self) -> Result<(), StoreError> {
        let state = self.0.lock();
        match &state.known {
            Some(error) if state.suspected || state.failure() == Some(Failure::Damaged) => {
                Err(error.clone())
            }
            _ => Ok(()),
        }
    }
}
