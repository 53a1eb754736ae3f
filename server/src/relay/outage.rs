//! An outage: said once when it begins and once when it is over, however often it is noticed.

use std::time::Duration;

use super::lag;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(15);

/// Whether there is an outage, and how long to wait before the next attempt.
#[derive(Debug)]
pub(super) struct Outage {
    noticed: bool,
    pause: Duration,
}

impl Outage {
    pub(super) const fn none() -> Self {
        Self { noticed: false, pause: FIRST }
    }

    /// Notes trouble; `true` if it is new and was logged.
    pub(super) fn notice(&mut self, why: &str) -> bool {
        lag::is_up(false);
        let new = !std::mem::replace(&mut self.noticed, true);
        if new {
            tracing::warn!(why, "events for Kafka wait in the log; it is tried again");
        } else {
            tracing::debug!(why, "events for Kafka still wait");
        }
        new
    }

    /// Notes that an event was acknowledged; `true` if an outage has ended with it.
    pub(super) fn over(&mut self) -> bool {
        lag::is_up(true);
        self.pause = FIRST;
        let ended = std::mem::replace(&mut self.noticed, false);
        if ended {
            tracing::info!("events reach Kafka again");
        }
        ended
    }

    /// How long to wait now: twice as long each time, until something was acknowledged.
    pub(super) fn pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_logged_once() {
        let mut outage = Outage::none();
        assert!(!outage.over());
        assert!(outage.notice("no broker"));
        assert!(!outage.notice("no broker"));
        assert!(!outage.notice("no answer"));
        assert!(outage.over());
        assert!(!outage.over());
        assert!(outage.notice("no broker"));
    }

    #[test]
    fn pauses_grow_until_something_was_acknowledged() {
        let mut outage = Outage::none();
        let pauses: Vec<u128> = (0..8).map(|_| outage.pause().as_millis()).collect();
        assert_eq!(pauses, [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
        outage.over();
        assert_eq!(outage.pause(), FIRST);
    }
}
