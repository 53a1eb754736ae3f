//! Out of a store that may be in use.
//!
//! The archive is the log up to where it ended at the start. What is committed meanwhile stays
//! out, with one exception. A deletion that is committed meanwhile erases personal parts of
//! events that are still to be read, and these would then be in the archive without their
//! deletion: nameless users, empty tweets. If that has happened, the archive goes on to the log's
//! end, where every such deletion is.

use std::collections::HashSet;
use std::io::Write;

use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, Position, Recorded, StreamId, Timestamp};

use super::fold::Fold;
use super::format::{End, FORMAT, Header, VERSION};
use super::writer::Writer;
use super::{ArchiveError, BATCH, Observer, Stage, blocking};
use crate::storage::{Store, StoreError};

/// Writes everything that is to be kept into an archive; gives back where it was written, and its
/// last line.
///
/// Others may write to the store meanwhile.
///
/// # Errors
/// [`ArchiveError::Nothing`] for an empty store; whatever the store or the output say.
pub async fn export<W: Write + Send + 'static>(
    store: &dyn Store,
    out: W,
    now: Timestamp,
    observer: &mut dyn Observer,
) -> Result<(W, End), ArchiveError> {
    let start = store.position();
    if start == Position(0) {
        return Err(ArchiveError::Nothing);
    }
    let header = Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        software: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: now,
        events: start.0,
        position: start,
    };
    observer.begin(Stage::Exporting, start.0);
    let writer = blocking(move || Writer::begin(out, header)).await?;
    let (writer, fold) = events(store, start, writer, observer).await?;
    let writer = credentials(store, &fold, writer).await?;
    let writer = proofs(store, &fold, writer).await?;
    blocking(move || writer.end(fold.digests()?)).await
}

/// The log on its way into an archive.
struct Log<'a, W: Write> {
    store: &'a dyn Store,
    writer: Writer<W>,
    fold: Fold,
    forgotten: Forgotten,
    at: Position,
}

impl<W: Write + Send + 'static> Log<'_, W> {
    /// Writes the next events, up to `limit`; says how many there were.
    async fn page(mut self, limit: usize) -> Result<(Self, usize), ArchiveError> {
        let page = self.store.read_all(self.at, limit).await?;
        for recorded in &page {
            if recorded.position.0 != self.at.0 + 1 {
                return Err(gap(self.at));
            }
            self.at = recorded.position;
            self.fold.apply(recorded).map_err(StoreError::Corrupt)?;
            self.forgotten.note(recorded);
        }
        let (count, mut writer) = (page.len(), self.writer);
        self.writer = blocking(move || writer.events(&page).map(|()| writer)).await?;
        Ok((self, count))
    }
}

/// Writes the events up to `start`, or as far as they must go; gives back what they make.
async fn events<W: Write + Send + 'static>(
    store: &dyn Store,
    start: Position,
    writer: Writer<W>,
    observer: &mut dyn Observer,
) -> Result<(Writer<W>, Fold), ArchiveError> {
    let (fold, forgotten, at) = (Fold::default(), Forgotten::default(), Position(0));
    let mut log = Log { store, writer, fold, forgotten, at };
    while log.at < start {
        let missing = usize::try_from(start.0 - log.at.0).unwrap_or(BATCH);
        let count;
        (log, count) = log.page(missing.min(BATCH)).await?;
        if count == 0 {
            return Err(gap(log.at));
        }
        observer.done(log.at.0);
    }
    if !log.forgotten.0.is_empty() {
        // A page that is not full ends where the log did: never inside of a transaction.
        let mut count = BATCH;
        while count == BATCH {
            (log, count) = log.page(BATCH).await?;
        }
        tracing::debug!(%start, end = %log.at, "went on to what was deleted meanwhile");
    }
    Ok((log.writer, log.fold))
}

fn gap(at: Position) -> ArchiveError {
    StoreError::Corrupt(format!("no event follows the position {at}")).into()
}

/// Writes the credentials of those who are there at the archive's last event.
async fn credentials<W: Write + Send + 'static>(
    store: &dyn Store,
    fold: &Fold,
    mut writer: Writer<W>,
) -> Result<Writer<W>, ArchiveError> {
    let mut after = None;
    loop {
        let mut page = store.credentials_after(after, BATCH).await?;
        let Some(last) = page.last() else { return Ok(writer) };
        after = Some(last.user);
        page.retain(|credential| fold.has_user(credential.user));
        writer = blocking(move || writer.credentials(&page).map(|()| writer)).await?;
    }
}

/// Writes the proofs that last, of those who are there at the archive's last event.
async fn proofs<W: Write + Send + 'static>(
    store: &dyn Store,
    fold: &Fold,
    mut writer: Writer<W>,
) -> Result<Writer<W>, ArchiveError> {
    let mut after = None;
    loop {
        let mut page = store.proofs_after(after, BATCH).await?;
        let Some(last) = page.last() else { return Ok(writer) };
        after = Some(last.key);
        page.retain(|proof| proof.user.is_some_and(|user| fold.has_user(user)));
        writer = blocking(move || writer.proofs(&page).map(|()| writer)).await?;
    }
}

/// Streams with an event whose personal part was forgotten, and whose deletion has not come yet.
#[derive(Default)]
struct Forgotten(HashSet<StreamId>);

impl Forgotten {
    fn note(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::User(
                UserEvent::Created { profile: None, .. } | UserEvent::Updated { changes: None },
            )
            | Event::Tweet(TweetEvent::Posted { body: None, .. }) => {
                self.0.insert(recorded.stream);
            }
            Event::User(UserEvent::Deleted) | Event::Tweet(TweetEvent::Deleted { .. }) => {
                self.0.remove(&recorded.stream);
            }
            _ => {}
        }
    }
}
