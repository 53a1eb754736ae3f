//! What is known of the server's own backups.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use metrics::{counter, gauge};
use parking_lot::Mutex;
use siskin_domain::{Position, Timestamp};

/// The metric of when the last backup was begun; 0 while there is none.
const SUCCESS: &str = "siskin_backup_last_success_timestamp_seconds";

/// The newest backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// When it was begun: it holds all that was acknowledged before.
    pub at: Timestamp,
    /// Where it is.
    pub path: PathBuf,
    /// How large it is.
    pub bytes: u64,
    /// The position of its last event, as far as its beginning says.
    pub position: Position,
    /// How long it took; `None` if that was before this start of the server.
    pub took: Option<Duration>,
}

/// The state of scheduled backups, for whoever shows it. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Backups(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    scheduled: bool,
    last: Option<Last>,
    elsewhere: Option<Timestamp>,
    failures: u64,
    trouble: Option<String>,
}

impl Backups {
    /// Does this server make backups by itself?
    #[must_use]
    pub fn scheduled(&self) -> bool {
        self.0.lock().scheduled
    }

    /// The newest backup in the folder, if there is a good one.
    #[must_use]
    pub fn last(&self) -> Option<Last> {
        self.0.lock().last.clone()
    }

    /// When the newest backup of the store was begun, by this server or by another one.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        let state = self.0.lock();
        state.last.as_ref().map(|last| last.at).max(state.elsewhere)
    }

    /// How many have failed since the server's start.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.0.lock().failures
    }

    /// Why the last attempt failed, if it did.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.0.lock().trouble.clone()
    }

    /// From now on there is a schedule.
    pub(super) fn begin(&self) {
        self.0.lock().scheduled = true;
        counter!("siskin_backup_failures_total").increment(0);
        gauge!(SUCCESS).set(0.0);
    }

    /// There is a backup.
    pub(super) fn made(&self, last: Last) {
        gauge!("siskin_backup_last_size_bytes").set(last.bytes as f64);
        if let Some(took) = last.took {
            gauge!("siskin_backup_last_duration_seconds").set(took.as_secs_f64());
        }
        let mut state = self.0.lock();
        state.last = Some(last);
        state.trouble = None;
        drop(state);
        self.show_newest();
    }

    /// Another server has made one.
    pub(super) fn made_elsewhere(&self, at: Timestamp) {
        self.0.lock().elsewhere = Some(at);
        self.show_newest();
    }

    /// So that a server whose turn it never is does not seem to be without backups.
    fn show_newest(&self) {
        if let Some(newest) = self.newest() {
            gauge!(SUCCESS).set(newest.unix_ms() as f64 / 1000.0);
        }
    }

    /// There should be one, and is none.
    pub(super) fn failed(&self, why: String) {
        counter!("siskin_backup_failures_total").increment(1);
        let mut state = self.0.lock();
        state.failures += 1;
        state.trouble = Some(why);
    }
}
