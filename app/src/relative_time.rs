//! "3 minutes ago", and the exact time for those who point at it.

use chrono_humanize::{Accuracy, HumanTime, Tense};
use siskin_domain::Timestamp;

/// How long ago something was, in words. What lies in the future by a wrong clock is "now".
#[must_use]
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let passed = now.unix_ms().saturating_sub(at.unix_ms()).max(0);
    // Below this, chrono-humanize says "now" as well; said here, it costs nothing.
    if passed < 11_000 {
        return "now".to_owned();
    }
    let passed = chrono::Duration::milliseconds(passed);
    HumanTime::from(passed).to_text_en(Accuracy::Rough, Tense::Past)
}

/// `24 November 2026, 20:11 UTC`.
#[must_use]
pub fn exact(at: Timestamp) -> String {
    let (year, month, day, hour, minute, ..) = at.parts();
    let month = month_name(month);
    format!("{day} {month} {year}, {hour:02}:{minute:02} UTC")
}

/// `November 2026`.
#[must_use]
pub fn month(at: Timestamp) -> String {
    let (year, month, ..) = at.parts();
    format!("{} {year}", month_name(month))
}

fn month_name(month: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES[(month as usize).saturating_sub(1).min(11)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(1_764_000_000_000 + ms)
    }

    #[test]
    fn times_are_told_roughly() {
        for (passed, text) in [
            (-5_000, "now"),
            (0, "now"),
            (10_999, "now"),
            (30_000, "30 seconds ago"),
            (60_000, "a minute ago"),
            (3 * 60_000, "3 minutes ago"),
            (2 * 86_400_000, "2 days ago"),
            (800 * 86_400_000, "2 years ago"),
        ] {
            assert_eq!(ago(ms(0), ms(passed)), text);
        }
    }

    #[test]
    fn exact_times_are_in_utc() {
        let at: Timestamp = "2026-11-24T20:09:36.042Z".parse().unwrap();
        assert_eq!(exact(at), "24 November 2026, 20:09 UTC");
        assert_eq!(month(at), "November 2026");
    }
}
