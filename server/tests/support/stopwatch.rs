//! Time without what the machine took: a promise to answer in time is ours to keep, and not whatever
//! stops all processes, or lets ours wait for a core, for seconds.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long somebody sleeps again and again, to see how much longer it becomes.
const NAP: Duration = Duration::from_millis(10);
/// What is shorter is asked for its lateness at once.
const SHORT: Duration = Duration::from_secs(1);

/// By how much naps were longer than asked for, all in all, in microseconds.
static LATE: AtomicU64 = AtomicU64::new(0);

/// Measures from its start.
pub(crate) struct Stopwatch {
    begun: Instant,
    late: Duration,
}

impl Stopwatch {
    /// Starts.
    pub(crate) fn start() -> Self {
        static NAPPER: Once = Once::new();
        NAPPER.call_once(|| drop(std::thread::spawn(nap)));
        Self { begun: Instant::now(), late: late() }
    }

    /// How long it has been, less what the machine took.
    pub(crate) async fn elapsed(&self) -> Duration {
        let elapsed = self.begun.elapsed();
        if elapsed > SHORT {
            // The one who naps was stopped as we were, and is to have noted it.
            tokio::time::sleep(NAP * 5).await;
        }
        elapsed.saturating_sub(late() - self.late)
    }
}

fn late() -> Duration {
    Duration::from_micros(LATE.load(Ordering::SeqCst))
}

fn nap() {
    loop {
        let begun = Instant::now();
        std::thread::sleep(NAP);
        let late = begun.elapsed().saturating_sub(NAP);
        LATE.fetch_add(late.as_micros() as u64, Ordering::SeqCst);
    }
}
