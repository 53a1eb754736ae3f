//! The time, as a parameter.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use siskin_domain::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Now, to the millisecond.
    fn now(&self) -> Timestamp;

    /// A reading of the clock that is never set: for how long something took, not for when.
    fn instant(&self) -> Instant {
        Instant::now()
    }
}

/// The computer's clock: the one place that reads it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that injects the time")]
    fn now(&self) -> Timestamp {
        // A clock before 1970 counts as 1970: ids and sessions stay valid values.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
