//! One server of several makes the backups.
//!
//! The right to is leased as that to relay is, and what would be a relay's checkpoint says when the
//! last backup was begun, in Unix seconds.

use std::time::Duration;

use siskin_domain::{Position, Timestamp};

use super::run::Schedule;
use crate::storage::StoreError;

/// The name of the lease.
const NAME: &str = "backup";
/// How long it lasts; it is renewed long before.
const LASTS: Duration = Duration::from_secs(600);
/// How often it is renewed.
pub(super) const RENEW: Duration = Duration::from_secs(120);

/// Takes the turn, or asks for more time; when the last backup was begun, by whichever server.
/// `None` if another server has it.
pub(super) async fn take(schedule: &Schedule) -> Result<Option<Timestamp>, StoreError> {
    ask(schedule, LASTS).await
}

/// Gives it back, so that the next server need not wait.
pub(super) async fn give_back(schedule: &Schedule) {
    if let Err(error) = ask(schedule, Duration::ZERO).await {
        tracing::debug!(%error, "the right to make backups is not given back; it lapses by itself");
    }
}

/// Notes when a backup was begun that is there now.
pub(super) async fn note(schedule: &Schedule, at: Timestamp) {
    let seconds = Position(at.unix_ms().div_euclid(1000).unsigned_abs());
    if let Err(error) = schedule.store.advance_relay(NAME, schedule.holder, seconds).await {
        tracing::debug!(%error, "other servers are not told of the backup");
    }
}

async fn ask(schedule: &Schedule, how_long: Duration) -> Result<Option<Timestamp>, StoreError> {
    let now = schedule.clock.now();
    let until = now.plus_ms(i64::try_from(how_long.as_millis()).unwrap_or(i64::MAX));
    let last = schedule.store.take_relay(NAME, schedule.holder, now, until).await?;
    let time = |last: Position| {
        let seconds = i64::try_from(last.0).unwrap_or(0);
        Timestamp::from_unix_ms(seconds.saturating_mul(1000))
    };
    Ok(last.map(time))
}
