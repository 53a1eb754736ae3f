//! Positions and versions count 1, 2, 3, …; times go forward, more or less.

use std::collections::HashMap;

use siskin_domain::{Position, StreamId, Timestamp};

use super::Report;
use crate::storage::Read;

/// Clocks of servers differ, and are set. By more than a day they are wrong.
const TOLERANCE_MS: i64 = 24 * 60 * 60 * 1000;

/// How far the log and each stream of it have come.
pub(super) struct Order {
    now: Timestamp,
    position: Position,
    at: Option<Timestamp>,
    versions: HashMap<StreamId, u64>,
}

impl Order {
    /// Nothing was read yet; the clock shows `now`.
    pub(super) fn at(now: Timestamp) -> Self {
        Self { now, position: Position(0), at: None, versions: HashMap::new() }
    }

    /// How many streams there are.
    pub(super) fn streams(&self) -> u64 {
        self.versions.len() as u64
    }

    /// Takes the next event, in order of positions.
    pub(super) fn read(&mut self, read: &Read, report: &mut Report) {
        let (position, stream, version) = match read {
            Ok(recorded) => (recorded.position, Some(recorded.stream), Some(recorded.version)),
            Err(unread) => {
                report
                    .find(format!("position {}: can't be read: {}", unread.position, unread.what));
                (unread.position, unread.stream, unread.version)
            }
        };
        self.position(position, report);
        if let (Some(stream), Some(version)) = (stream, version) {
            self.version(position, stream, version, report);
        }
        if let Ok(recorded) = read {
            self.time(position, recorded.at, report);
        }
    }

    fn position(&mut self, position: Position, report: &mut Report) {
        let missing = position.0.saturating_sub(self.position.0 + 1);
        if missing > 0 {
            let from = self.position.0 + 1;
            let which = match missing {
                1 => format!("position {from}: is missing"),
                _ => format!("positions {from} to {}: are missing", position.0 - 1),
            };
            report.find(which);
        }
        self.position = position;
    }

    fn version(&mut self, at: Position, stream: StreamId, version: u64, report: &mut Report) {
        let last = self.versions.entry(stream).or_default();
        if version != *last + 1 {
            let next = *last + 1;
            report.find(format!("position {at}: {stream} is at version {version}, not at {next}"));
        }
        *last = version;
    }

    fn time(&mut self, position: Position, at: Timestamp, report: &mut Report) {
        if at > self.now.plus_ms(TOLERANCE_MS) {
            report.find(format!("position {position}: its time is yet to come: {at}"));
            return;
        }
        if let Some(before) = self.at
            && at.plus_ms(TOLERANCE_MS) < before
        {
            report.find(format!(
                "position {position}: its time {at} is more than a day before that of the event \
                 before it, {before}"
            ));
        }
        self.at = Some(at);
    }
}
