//! The time of a log line, as RFC 3339 writes it.

use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

/// `2026-11-28T20:31:45.`
const LENGTH: usize = 20;

thread_local! {
    /// The last second that was written here: most lines are of the same.
    static LAST: Cell<(u64, [u8; LENGTH])> = const { Cell::new((u64::MAX, [0; LENGTH])) };
}

/// Adds the time, to the microsecond, in UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "a log line says when it was written, whatever the application's clock says"
)]
pub(super) fn now(text: &mut Vec<u8>) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    write(text, since.as_secs(), since.subsec_micros());
}

fn write(text: &mut Vec<u8>, second: u64, micros: u32) {
    let (last, known) = LAST.get();
    let whole = if last == second { known } else { whole_second(second) };
    LAST.set((second, whole));
    text.extend_from_slice(&whole);
    let mut end = *b"000000Z";
    digits(&mut end[..6], u64::from(micros));
    text.extend_from_slice(&end);
}

fn whole_second(second: u64) -> [u8; LENGTH] {
    let (year, month, day) = date(second / 86_400);
    let of_day = second % 86_400;
    let mut text = *b"0000-00-00T00:00:00.";
    digits(&mut text[..4], year);
    digits(&mut text[5..7], month);
    digits(&mut text[8..10], day);
    digits(&mut text[11..13], of_day / 3600);
    digits(&mut text[14..16], of_day / 60 % 60);
    digits(&mut text[17..19], of_day % 60);
    text
}

/// Howard Hinnant's `civil_from_days`, for days since 1970.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

fn digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_others_write_them() {
        for second in (0..4_000_000_000_u64).step_by(9_999_991).chain([951_782_399, 951_782_400]) {
            let mut text = Vec::new();
            write(&mut text, second, 70);
            let theirs = siskin_domain::Timestamp::from_unix_ms(second as i64 * 1000).to_string();
            let ours = String::from_utf8(text).unwrap();
            assert_eq!(ours, format!("{}.000070Z", &theirs[..19]));
        }
    }
}
