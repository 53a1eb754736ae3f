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
use siskin_domain::{Event, Recorded, StreamId, Timestamp, UserId};

use super::fold::Fold;
use super::format::{End, Header};
use super::reader::Reader;
use super::{ArchiveError, Observer, Stage, blocking};
use crate::storage::{Credential, Proof};

/// An archive that is what it says.
#[derive(Debug)]
pub struct Checked {
    pub(super) path: PathBuf,
    pub(super) header: Header,
    pub(super) end: End,
    pub(super) deleted: Deleted,
    pub(super) secrets: [u8; 32],
    last_id_at: Timestamp,
}

impl Checked {
    /// The archive's first line.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// When the youngest thing in the log was given its id.
    #[must_use]
    pub fn last_id_at(&self) -> Timestamp {
        self.last_id_at
    }

    /// The archive's last line.
    #[must_use]
    pub fn end(&self) -> &End {
        &self.end
    }
}

/// What an archive's first line says, believed.
///
/// # Errors
/// If it is no archive of a version that is read here.
pub async fn about(path: &Path) -> Result<Header, ArchiveError> {
    let path = path.to_owned();
    blocking(move || Reader::open(&path).map(|(_, header)| header)).await
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
    let mut secrets = SecretsHash::default();
    let mut last_id_at = Timestamp::from_unix_ms(0);
    loop {
        let batch;
        (reader, batch) = blocking(move || reader.batch().map(|batch| (reader, batch))).await?;
        for recorded in &batch.events {
            line += 1;
            fold.apply(recorded).map_err(|what| ArchiveError::Damaged { line, what })?;
            deleted.note(recorded);
            last_id_at = last_id_at.max(recorded.stream.made_at());
        }
        secrets.credentials(&batch.credentials);
        secrets.proofs(&batch.proofs);
        observer.done(line - 1);
        if let Some(end) = batch.end {
            if let Some(projection) = fold.digests()?.differs_in(&end.projections) {
                return Err(ArchiveError::Contradiction(projection));
            }
            let secrets = secrets.finish();
            return Ok(Checked { path, header, end, deleted, secrets, last_id_at });
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

/// A digest of credentials and proofs, to compare those of an archive with those of a store.
#[derive(Default)]
pub(super) struct SecretsHash(Sha256);

impl SecretsHash {
    /// The next credentials, in order of users.
    pub(super) fn credentials(&mut self, credentials: &[Credential]) {
        for Credential { user, hash } in credentials {
            self.0.update(user.get().to_be_bytes());
            self.0.update((hash.0.len() as u64).to_be_bytes());
            self.0.update(&hash.0);
        }
    }

    /// The next proofs, in order of keys.
    pub(super) fn proofs(&mut self, proofs: &[Proof]) {
        for proof in proofs {
            let mut add = |bytes: &[u8]| {
                self.0.update((bytes.len() as u64).to_be_bytes());
                self.0.update(bytes);
            };
            add(&proof.key.0);
            add(&proof.user.map_or(0, UserId::get).to_be_bytes());
            add(proof.kind.as_str().as_bytes());
            add(proof.label.as_bytes());
            add(proof.data.as_bytes());
            add(&proof.revision.to_be_bytes());
            add(&proof.created_at.unix_ms().to_be_bytes());
            add(&proof.used_at.map_or(i64::MIN, Timestamp::unix_ms).to_be_bytes());
        }
    }

    /// The digest of all of them.
    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
