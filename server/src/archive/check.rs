//! An archive is read once from end to end before a store is touched.
//!
//! Beside the checksum, the counts and the order of lines, the events are folded: they must make
//! the projections whose digests the last line gives. What is wrong is found here, where it
//! costs nothing yet.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use siskin_domain::moderation::{Filing, ModerationEvent, ReportEvent};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, Recorded, StreamId, UserId};

use super::fold::Fold;
use super::format::{End, Header};
use super::reader::Reader;
use super::{ArchiveError, Observer, Stage, blocking};
use crate::storage::Credential;

/// An archive that is what it says.
#[derive(Debug)]
pub struct Checked {
    pub(super) path: PathBuf,
    pub(super) header: Header,
    pub(super) end: End,
    pub(super) deleted: Deleted,
    pub(super) credentials: [u8; 32],
}

impl Checked {
    /// The archive's first line.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The archive's last line.
    #[must_use]
    pub fn end(&self) -> &End {
        &self.end
    }
}

/// Reads an archive from end to end.
///
/// # Errors
/// What is wrong with it, each by its own [`ArchiveError`].
pub async fn check(path: &Path, observer: &mut dyn Observer) -> Result<Checked, ArchiveError> {
    let path = path.to_owned();
    let opened = path.clone();
    let (mut reader, header) = blocking(move || Reader::open(&opened)).await?;
    observer.begin(Stage::Checking, header.events);
    let (mut fold, mut deleted, mut line) = (Fold::default(), Deleted::default(), 1);
    let mut credentials = CredentialHash::default();
    loop {
        let batch;
        (reader, batch) = blocking(move || reader.batch().map(|batch| (reader, batch))).await?;
        for recorded in &batch.events {
            line += 1;
            fold.apply(recorded).map_err(|what| ArchiveError::Damaged { line, what })?;
            deleted.note(recorded);
        }
        credentials.add(&batch.credentials);
        observer.done(line - 1);
        if let Some(end) = batch.end {
            if let Some(projection) = fold.digests()?.differs_in(&end.projections) {
                return Err(ArchiveError::Contradiction(projection));
            }
            let credentials = credentials.finish();
            return Ok(Checked { path, header, end, deleted, credentials });
        }
    }
}

/// Streams that end with a deletion, and people who are deleted.
///
/// Their personal parts are left out by an import. An archive has such parts when a deletion
/// came during the export, after the stream's first events had been read.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    streams: HashSet<StreamId>,
    people: HashSet<UserId>,
}

impl Deleted {
    fn note(&mut self, recorded: &Recorded) {
        if let Event::User(UserEvent::Deleted) | Event::Tweet(TweetEvent::Deleted { .. }) =
            recorded.event
        {
            self.streams.insert(recorded.stream);
        }
        if let (Event::User(UserEvent::Deleted), StreamId::User(id)) =
            (&recorded.event, recorded.stream)
        {
            self.people.insert(id);
        }
    }

    /// Forgets the personal part of an event if its stream ends with a deletion, or if it is
    /// about somebody who is deleted.
    pub(super) fn forget(&self, recorded: &mut Recorded) {
        let gone = match (&recorded.event, recorded.stream) {
            (Event::Moderation(_), StreamId::Moderation(id)) => self.people.contains(&id),
            (Event::Report(event), _) => {
                let Filing { by, about, .. } = event.filing();
                self.people.contains(&by) || self.people.contains(&about)
            }
            (_, stream) => self.streams.contains(&stream),
        };
        if !gone {
            return;
        }
        match &mut recorded.event {
            Event::User(UserEvent::Created { profile, .. }) => *profile = None,
            Event::User(UserEvent::Updated { changes }) => *changes = None,
            Event::Tweet(TweetEvent::Posted { body, .. }) => *body = None,
            Event::Tweet(
                TweetEvent::Hidden { reason, .. } | TweetEvent::Unhidden { reason, .. },
            )
            | Event::Moderation(
                ModerationEvent::Imposed { reason, .. } | ModerationEvent::Lifted { reason, .. },
            )
            | Event::Report(
                ReportEvent::Filed { reason, .. } | ReportEvent::Resolved { reason, .. },
            ) => *reason = None,
            _ => {}
        }
    }
}

/// A digest of credentials, to compare those of an archive with those of a store.
#[derive(Default)]
pub(super) struct CredentialHash(Sha256);

impl CredentialHash {
    /// The next credentials, in order of users.
    pub(super) fn add(&mut self, credentials: &[Credential]) {
        for Credential { user, hash } in credentials {
            self.0.update(user.get().to_be_bytes());
            self.0.update((hash.0.len() as u64).to_be_bytes());
            self.0.update(&hash.0);
        }
    }

    /// The digest of all of them.
    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
