//! Into an empty store, or on into one where an import was interrupted.
//!
//! What is in the store already must be what the archive begins with; then it is an import that
//! stopped there. Nothing else is kept about how far an import is, so it can be killed at any
//! moment.

use siskin_domain::{Position, Recorded};

use super::check::{Checked, SecretsHash};
use super::reader::Reader;
use super::{ArchiveError, BATCH, Observer, Stage, blocking, digest};
use crate::storage::{Store, StoreError};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// So many events were in the store already.
    pub found: u64,
    /// So many were added.
    pub added: u64,
}

/// Brings an archive into a store, and compares both at the end.
///
/// # Errors
/// [`ArchiveError::NotEmpty`] if the store holds what the archive does not begin with;
/// [`ArchiveError::Disturbed`] if somebody else writes to it; [`ArchiveError::Unequal`] if the
/// store is not what the archive says in the end.
pub async fn import(
    store: &dyn Store,
    archive: &Checked,
    observer: &mut dyn Observer,
) -> Result<Imported, ArchiveError> {
    let end = &archive.end;
    if let Some(more) = store.read_all(end.position, 1).await?.first() {
        return Err(ArchiveError::NotEmpty(more.position));
    }
    let path = archive.path.clone();
    let (mut reader, header) = blocking(move || Reader::open(&path)).await?;
    if header != archive.header {
        return Err(ArchiveError::Changed);
    }
    observer.begin(Stage::Importing, end.events);
    let mut target = Target { store, done: Imported { found: 0, added: 0 } };
    loop {
        let mut batch;
        (reader, batch) = blocking(move || reader.batch().map(|batch| (reader, batch))).await?;
        batch.events.iter_mut().for_each(|recorded| archive.deleted.forget(recorded));
        target.events(batch.events).await?;
        if !batch.credentials.is_empty() {
            store.restore_credentials(batch.credentials).await?;
        }
        if !batch.proofs.is_empty() {
            store.restore_proofs(batch.proofs).await?;
        }
        observer.done(target.done.found + target.done.added);
        if let Some(last) = batch.end {
            if last != *end {
                return Err(ArchiveError::Changed);
            }
            break;
        }
    }
    verify(store, archive, observer).await?;
    Ok(target.done)
}

/// A store on its way to be what the archive says.
struct Target<'a> {
    store: &'a dyn Store,
    done: Imported,
}

impl Target<'_> {
    /// Adds the next events, except for those that are there.
    async fn events(&mut self, mut events: Vec<Recorded>) -> Result<(), ArchiveError> {
        let Some(first) = events.first() else { return Ok(()) };
        if self.done.added == 0 {
            let before = Position(first.position.0 - 1);
            let there = self.store.read_all(before, events.len()).await?;
            if let Some((other, _)) = there.iter().zip(&events).find(|(one, other)| one != other) {
                return Err(ArchiveError::NotEmpty(other.position));
            }
            events.drain(..there.len());
            self.done.found += there.len() as u64;
        }
        let count = events.len() as u64;
        if count > 0 {
            self.store.restore_events(events).await.map_err(disturbed)?;
            self.done.added += count;
        }
        Ok(())
    }
}

fn disturbed(error: StoreError) -> ArchiveError {
    match error {
        StoreError::Conflict => ArchiveError::Disturbed,
        other => other.into(),
    }
}

/// Fails unless the store holds what the archive says: events, credentials and proofs, and every projection.
async fn verify(
    store: &dyn Store,
    archive: &Checked,
    observer: &mut dyn Observer,
) -> Result<(), ArchiveError> {
    let end = &archive.end;
    observer.begin(Stage::Verifying, end.projections.users.rows + end.projections.tweets.rows);
    let digests = digest::read(store, |rows| observer.done(rows)).await?;
    let last = store.read_all(Position(end.position.0.saturating_sub(1)), 2).await?;
    if last.len() > 1 {
        return Err(ArchiveError::Disturbed);
    }
    if last.first().map(|recorded| recorded.position) != Some(end.position) {
        return Err(ArchiveError::Unequal("events"));
    }
    if let Some(projection) = digests.differs_in(&end.projections) {
        return Err(ArchiveError::Unequal(projection));
    }
    let (mut secrets, mut after) = (SecretsHash::default(), None);
    loop {
        let page = store.credentials_after(after, BATCH).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.user);
        secrets.credentials(&page);
    }
    let mut after = None;
    loop {
        let page = store.proofs_after(after, BATCH).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.key);
        secrets.proofs(&page);
    }
    if secrets.finish() != archive.secrets {
        return Err(ArchiveError::Unequal("credentials and proofs"));
    }
    Ok(())
}
