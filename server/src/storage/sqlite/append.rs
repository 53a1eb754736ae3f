//! One append, inside the writer's transaction.

use std::fmt::Write as _;

use rusqlite::Connection;
use siskin_domain::moderation::ReportEvent;
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, Position, Recorded, StreamId, Timestamp, TweetId, UserId};

use super::projection::{LIVE, Met, project};
use super::{chores, effects, log, moderation};
use crate::storage::{Append, Appended, Expected, StoreError, UniqueField};

/// What the appends of one transaction have added so far.
#[derive(Default)]
pub(super) struct Added {
    /// The position of the log's last event.
    pub(super) end: Position,
    /// The new events.
    pub(super) events: Vec<Recorded>,
    /// Whether something was erased that the write-ahead log still holds.
    pub(super) erased: bool,
    /// The stream's name, as text: kept here to be allocated once.
    stream: String,
}

impl Added {
    /// Nothing yet, in a log that ends there.
    pub(super) fn after(end: Position) -> Self {
        Self { end, ..Self::default() }
    }

    /// Goes back to how it was when `end` was the end.
    pub(super) fn truncate(&mut self, end: Position) {
        let surplus = (self.end.0 - end.0) as usize;
        self.events.truncate(self.events.len() - surplus);
        self.end = end;
    }
}

/// Appends, or says why not; in that case the caller undoes what was written.
pub(super) fn append(
    conn: &Connection,
    added: &mut Added,
    append: Append,
) -> Result<Appended, StoreError> {
    let Append { stream, expected, events, at, actor, effects } = append;
    let by = By { at, actor };
    let mut version = start(conn, added, stream, expected, events.is_empty())?;
    for event in events {
        let user = match &event {
            Event::User(event) => before(conn, added, stream, event, by)?,
            Event::Moderation(_) => there(conn, stream_user(stream))?,
            Event::Report(event) => reportable(conn, event)?,
            Event::Tweet(_) => None,
        };
        version += 1;
        add(conn, added, stream, version, by, event)?;
        if let Some(user) = user {
            log::erase(conn, StreamId::User(user))?;
            moderation::erase(conn, user)?;
            effects::forget(conn, user)?;
            added.erased = true;
            chores::vacuum_later(conn, at)?;
        }
    }
    for effect in &effects {
        effects::apply(conn, effect, at)?;
    }
    Ok(Appended { position: added.end, version })
}

/// When and by whom an append was decided.
#[derive(Clone, Copy)]
struct By {
    at: Timestamp,
    actor: Option<UserId>,
}

/// The version that the stream is at, if that is where it is expected.
fn start(
    conn: &Connection,
    added: &mut Added,
    stream: StreamId,
    expected: Expected,
    no_events: bool,
) -> Result<u64, StoreError> {
    // A first event needs no look: if the stream has one, (stream, version) is not unique.
    if expected == Expected::Empty && !no_events {
        return Ok(0);
    }
    let current = log::version(conn, name(&mut added.stream, stream))?;
    match expected {
        Expected::Any => Ok(current),
        Expected::Empty if current == 0 => Ok(current),
        Expected::At(version) if current == version => Ok(current),
        Expected::Empty | Expected::At(_) => Err(StoreError::Conflict),
    }
}

/// What must hold, or be done, before an event of a user is added; the user that it removes.
fn before(
    conn: &Connection,
    added: &mut Added,
    stream: StreamId,
    event: &UserEvent,
    by: By,
) -> Result<Option<UserId>, StoreError> {
    let StreamId::User(id) = stream else { return Ok(None) };
    match event {
        UserEvent::Created { profile: Some(profile), .. } => {
            free(conn, id, UniqueField::Username, profile.username.as_str())?;
            free(conn, id, UniqueField::Email, profile.email.as_str())?;
        }
        UserEvent::Updated { changes: Some(changes) } => {
            if let Some(username) = &changes.username {
                free(conn, id, UniqueField::Username, username.as_str())?;
            }
            if let Some(email) = &changes.email {
                free(conn, id, UniqueField::Email, email.as_str())?;
            }
        }
        UserEvent::Deleted => {
            // Their tweets go first, so that no tweet is ever without its author.
            for tweet in tweets_of(conn, id)? {
                let stream = StreamId::Tweet(tweet);
                let version = log::version(conn, name(&mut added.stream, stream))? + 1;
                let event = TweetEvent::Deleted { author: id }.into();
                add(conn, added, stream, version, by, event)?;
            }
            return Ok(Some(id));
        }
        _ => {}
    }
    Ok(None)
}

/// A user whom a stream is about.
const fn stream_user(stream: StreamId) -> Option<UserId> {
    match stream {
        StreamId::Moderation(id) => Some(id),
        _ => None,
    }
}

/// Nothing personal is said of somebody who is gone: it would not be forgotten with them.
fn there(
    conn: &Connection,
    users: impl IntoIterator<Item = UserId>,
) -> Result<Option<UserId>, StoreError> {
    let mut select = conn.prepare_cached("SELECT 1 FROM users WHERE id = ?1")?;
    for user in users {
        if !select.exists([user.get() as i64])? {
            return Err(StoreError::Conflict);
        }
    }
    Ok(None)
}

fn reportable(conn: &Connection, event: &ReportEvent) -> Result<Option<UserId>, StoreError> {
    match event {
        ReportEvent::Filed { filing, .. } => there(conn, [filing.by, filing.about]),
        ReportEvent::Resolved { filing, reason: Some(_) } => there(conn, [filing.about]),
        ReportEvent::Resolved { reason: None, .. } => Ok(None),
    }
}

/// Adds one event to the log and to the projections.
fn add(
    conn: &Connection,
    added: &mut Added,
    stream: StreamId,
    version: u64,
    by: By,
    event: Event,
) -> Result<(), StoreError> {
    let position = Position(added.end.0 + 1);
    let By { at, actor } = by;
    let recorded = Recorded { position, stream, version, at, actor, event };
    log::insert(conn, name(&mut added.stream, stream), &recorded)?;
    if project(conn, &LIVE, &recorded)? == Met::NoAuthor {
        return Err(StoreError::AuthorGone);
    }
    if let Event::Tweet(TweetEvent::Deleted { .. }) = recorded.event {
        log::erase(conn, stream)?;
        added.erased = true;
        chores::vacuum_later(conn, at)?;
    }
    added.end = position;
    added.events.push(recorded);
    Ok(())
}

/// Fails if somebody else has this value. There is one writer, so what is free stays free until
/// the transaction ends.
fn free(conn: &Connection, id: UserId, field: UniqueField, value: &str) -> Result<(), StoreError> {
    let select = match field {
        UniqueField::Username => "SELECT id FROM users WHERE username = ?1",
        UniqueField::Email => "SELECT id FROM users WHERE email = ?1",
    };
    let mut select = conn.prepare_cached(select)?;
    let mut rows = select.query([value])?;
    match rows.next()? {
        Some(row) if row.get::<_, i64>(0)? != id.get() as i64 => Err(StoreError::Taken(field)),
        _ => Ok(()),
    }
}

fn tweets_of(conn: &Connection, author: UserId) -> Result<Vec<TweetId>, StoreError> {
    let mut select = conn.prepare_cached("SELECT id FROM tweets WHERE author = ?1 ORDER BY id")?;
    let mut rows = select.query([author.get() as i64])?;
    let mut tweets = Vec::new();
    while let Some(row) = rows.next()? {
        tweets.push(super::rows::id(row, 0)?);
    }
    Ok(tweets)
}

/// A stream's name, in a buffer that is used again and again.
fn name(buffer: &mut String, stream: StreamId) -> &str {
    buffer.clear();
    // Writing to a String can't fail.
    let _ = write!(buffer, "{stream}");
    buffer
}
