//! The runtime that runs the server's tasks.

use std::cell::Cell;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeMetrics};

/// What a runtime tells of itself.
pub(super) struct Runtime {
    metrics: RuntimeMetrics,
    /// When it was looked at last, and how long its threads had been busy then.
    last: Cell<(Instant, Duration)>,
}

impl Runtime {
    /// The one that this is called in.
    pub(super) fn here() -> Self {
        let metrics = Handle::current().metrics();
        let last = Cell::new((Instant::now(), busy(&metrics)));
        Self { metrics, last }
    }

    pub(super) fn into_look(self) -> impl Fn() + Send {
        move || self.look()
    }

    fn look(&self) {
        let workers = self.metrics.num_workers();
        metrics::gauge!("tokio_workers").set(workers as f64);
        metrics::gauge!("tokio_alive_tasks").set(self.metrics.num_alive_tasks() as f64);
        metrics::gauge!("tokio_global_queue_depth").set(self.metrics.global_queue_depth() as f64);
        let (now, busy) = (Instant::now(), busy(&self.metrics));
        let (then, before) = self.last.replace((now, busy));
        let could = now.duration_since(then).as_secs_f64() * workers as f64;
        if could > 0.0 {
            let was = busy.saturating_sub(before).as_secs_f64();
            metrics::gauge!("tokio_busy_ratio").set((was / could).min(1.0));
        }
    }
}

#[cfg(target_has_atomic = "64")]
fn busy(metrics: &RuntimeMetrics) -> Duration {
    (0..metrics.num_workers()).map(|worker| metrics.worker_total_busy_duration(worker)).sum()
}

/// It is not counted there.
#[cfg(not(target_has_atomic = "64"))]
fn busy(_: &RuntimeMetrics) -> Duration {
    Duration::ZERO
}
