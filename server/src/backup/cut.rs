//! A store as it was after some event.
//!
//! The log is taken up to that event. What was erased later stays erased: if it was there then, its
//! deletion follows at the log's end, as without it there would be tweets without words and people
//! without names. Whatever is not in the log (password hashes, second factors) is as it was when the
//! backup was made, as far as its owner was there; what came into being later is left out.

use std::collections::HashMap;
use std::str::FromStr;

use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, Position, Recorded, StreamId, Timestamp};

use super::BackupError;
use crate::archive::{Observer, Stage};
use crate::storage::Store;

/// So many events are read and written at once.
const CHUNK: usize = 1000;

/// Where to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// After the event at this position.
    Position(Position),
    /// Before the first event of a later time.
    Time(Timestamp),
}

/// The text is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give a position (1234) or a time (2026-11-24T20:11:36Z, or with +01:00 in place of Z)")]
pub struct InvalidUntil;

impl FromStr for Until {
    type Err = InvalidUntil;
    fn from_str(text: &str) -> Result<Self, InvalidUntil> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(|at| Self::Position(Position(at))).map_err(|_| InvalidUntil);
        }
        let time = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| InvalidUntil)?;
        Ok(Self::Time(Timestamp::from_unix_ms(time.timestamp_millis())))
    }
}

/// A place in a backup's log, and what else must be known of the log to cut it there.
#[derive(Debug)]
pub struct Cut {
    /// The last event's position.
    pub position: Position,
    /// When it happened.
    pub at: Timestamp,
    /// Is it the log's end?
    whole: bool,
    /// Deletions behind it.
    deletions: Vec<Recorded>,
    /// When the youngest id in the whole log was made.
    last_id_at: Timestamp,
}

impl Cut {
    /// Finds the place in a log; `None` is its end.
    ///
    /// # Errors
    /// If the backup, made at `made_at`, does not reach so far, or there is nothing before it.
    pub async fn find(
        source: &dyn Store,
        until: Option<Until>,
        made_at: Timestamp,
    ) -> Result<Self, BackupError> {
        if let Some(Until::Time(time)) = until
            && time > made_at
        {
            return Err(BackupError::TooLate(made_at));
        }
        let mut cut = Self {
            position: Position(0),
            at: Timestamp::from_unix_ms(0),
            whole: true,
            deletions: Vec::new(),
            last_id_at: Timestamp::from_unix_ms(0),
        };
        let (mut end, mut first) = (Position(0), None);
        loop {
            let page = source.read_all(end, CHUNK).await?;
            let Some(last) = page.last() else { break };
            first = first.or_else(|| page.first().map(|recorded| recorded.at));
            end = last.position;
            page.into_iter().for_each(|recorded| cut.note(recorded, until));
        }
        let first = first.unwrap_or(made_at);
        match until {
            Some(Until::Position(position)) if position > end => Err(BackupError::TooFar(end)),
            _ if cut.position == Position(0) => Err(BackupError::TooEarly(first)),
            _ => Ok(cut),
        }
    }

    fn note(&mut self, recorded: Recorded, until: Option<Until>) {
        self.last_id_at = self.last_id_at.max(recorded.stream.made_at());
        let within = match until {
            None => true,
            Some(Until::Position(position)) => recorded.position <= position,
            Some(Until::Time(time)) => recorded.at <= time,
        };
        if self.whole && within {
            self.position = recorded.position;
            self.at = recorded.at;
            return;
        }
        self.whole = false;
        if is_deletion(&recorded.event) {
            self.deletions.push(recorded);
        }
    }

    /// When the youngest id in the backup was made.
    #[must_use]
    pub const fn last_id_at(&self) -> Timestamp {
        self.last_id_at
    }
}

const fn is_deletion(event: &Event) -> bool {
    matches!(event, Event::User(UserEvent::Deleted) | Event::Tweet(TweetEvent::Deleted { .. }))
}

/// What was brought over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brought {
    /// The position of the last event of the backup's.
    pub position: Position,
    /// So many deletions of what was erased later follow it.
    pub deletions: u64,
}

/// Brings a store up to a cut into an empty one.
///
/// # Errors
/// [`BackupError::Unequal`] if the projections are not what a rebuild makes of the log.
pub async fn bring(
    source: &dyn Store,
    target: &dyn Store,
    cut: &Cut,
    observer: &mut dyn Observer,
) -> Result<Brought, BackupError> {
    observer.begin(Stage::Importing, cut.position.0);
    let mut later: HashMap<StreamId, u64> =
        cut.deletions.iter().map(|deletion| (deletion.stream, 0)).collect();
    let mut end = Position(0);
    while end < cut.position {
        let missing = usize::try_from(cut.position.0 - end.0).unwrap_or(CHUNK);
        let page = source.read_all(end, missing.min(CHUNK)).await?;
        let last = page.last().map(|recorded| recorded.position);
        end = last.ok_or_else(|| BackupError::Log(format!("no event follows {end}")))?;
        for recorded in &page {
            if let Some(version) = later.get_mut(&recorded.stream) {
                *version = recorded.version;
            }
        }
        target.restore_events(page).await?;
        observer.done(end.0);
    }
    let deletions = deletions(cut, &later);
    let brought = Brought { position: end, deletions: deletions.len() as u64 };
    for part in deletions.chunks(CHUNK) {
        target.restore_events(part.to_vec()).await?;
    }
    beside(source, target, cut).await?;
    observer.begin(Stage::Verifying, 0);
    let found = target.verify_projections().await?;
    match found.differences.first() {
        None => Ok(brought),
        Some(first) => {
            let what = format!("{} {} {}", first.projection, first.key, first.what);
            Err(BackupError::Unequal(what))
        }
    }
}

/// The deletions of what was there at the cut, as the events that follow it.
fn deletions(cut: &Cut, versions: &HashMap<StreamId, u64>) -> Vec<Recorded> {
    let there = |deletion: &&Recorded| versions.get(&deletion.stream).is_some_and(|v| *v > 0);
    let next = cut.position.0 + 1..;
    let there = cut.deletions.iter().filter(there).zip(next);
    there
        .map(|(deletion, position)| Recorded {
            position: Position(position),
            // A stream is deleted once.
            version: versions.get(&deletion.stream).map_or(1, |version| version + 1),
            ..deletion.clone()
        })
        .collect()
}

/// Password hashes, and the lasting proofs that were there at the cut, of those who are there now.
async fn beside(source: &dyn Store, target: &dyn Store, cut: &Cut) -> Result<(), BackupError> {
    let mut after = None;
    loop {
        let page = source.credentials_after(after, CHUNK).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.user);
        target.restore_credentials(page).await?;
    }
    let mut after = None;
    loop {
        let mut page = source.proofs_after(after, CHUNK).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key);
        page.retain(|proof| cut.whole || proof.created_at <= cut.at);
        target.restore_proofs(page).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_position_or_a_time_of_any_zone() {
        assert_eq!("1234".parse(), Ok(Until::Position(Position(1234))));
        let noon = Until::Time("2026-11-24T12:00:00.000Z".parse().unwrap());
        for text in [
            "2026-11-24T12:00:00Z",
            "2026-11-24T12:00:00.000Z",
            "2026-11-24t12:00:00z",
            "2026-11-24T13:30:00+01:30",
        ] {
            assert_eq!(text.parse(), Ok(noon), "{text}");
        }
        for text in ["", "-1", "2026-11-24", "12:00", "2026-11-24T12:00:00", "99999999999999999999"]
        {
            assert_eq!(text.parse::<Until>(), Err(InvalidUntil), "{text}");
        }
    }
}
