//! What a store's writer tells operators of its commits.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram};

use super::StoreError;

/// Counts commits. What is wrong while they fail, [`super::failures`] knows.
pub(super) struct Commits {
    events: Counter,
    commands: Histogram,
    took: Histogram,
    queue: Gauge,
}

impl Commits {
    pub(super) fn new() -> Self {
        Self {
            events: metrics::counter!("siskin_store_events_total"),
            commands: metrics::histogram!("siskin_store_batch_commands"),
            took: metrics::histogram!("siskin_store_commit_duration_seconds"),
            queue: metrics::gauge!("siskin_store_writer_queue"),
        }
    }

    /// So many commands and events are durable.
    pub(super) fn done(&self, commands: usize, events: usize, took: Duration) {
        self.events.increment(events as u64);
        self.commands.record(commands as f64);
        self.took.record(took.as_secs_f64());
    }

    /// So many commands failed, for this.
    pub(super) fn failed(&self, commands: usize, error: &StoreError) {
        let Some(failure) = error.failure() else { return };
        metrics::counter!("siskin_store_write_failures_total", "reason" => failure.label())
            .increment(commands as u64);
    }

    /// So many commands wait.
    pub(super) fn waiting(&self, commands: usize) {
        self.queue.set(commands as f64);
    }
}

impl std::fmt::Debug for Commits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Commits").finish_non_exhaustive()
    }
}
