//! Into a database file.

use std::path::Path;

use siskin_server::application::{Clock as _, SystemClock};
use siskin_server::backup::{BackupError, Until};
use siskin_server::storage::snapshot::{Found, Replacement};
use siskin_server::storage::{Maintenance as _, SqliteStore};

use super::{Backup, Restored, copy, up_to};
use crate::commands::make_folder;

/// Makes a database of a backup beside the place where it is to be, and puts it there.
pub(super) async fn restore(
    backup: &Backup,
    until: Option<Until>,
    target: &Path,
    force: bool,
) -> Result<Restored, String> {
    let sentence = |error: BackupError| error.to_string();
    backup.reaches(until).map_err(sentence)?;
    let there = match Replacement::found(target) {
        Found::Nothing => None,
        Found::Events(events) => Some(format!("a store with {events} events")),
        Found::Unreadable => Some("something that can't be read".to_owned()),
    };
    if let Some(there) = there
        && !force
    {
        return Err(format!(
            "there is {there} at {}: name another place in SISKIN_DATABASE_URL, or give --force to \
             move it aside",
            target.display()
        ));
    }
    if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_folder(folder, "SISKIN_DATABASE_URL")?;
    }
    let replacement = Replacement::begin(target).map_err(|error| error.to_string())?;
    let said = make(backup, until, &replacement).await.map_err(sentence)?;
    let aside = replacement.publish(SystemClock.now()).map_err(|error| error.to_string())?;
    Ok((said, aside.map(|aside| aside.display().to_string())))
}

async fn make(
    backup: &Backup,
    until: Option<Until>,
    replacement: &Replacement,
) -> Result<String, BackupError> {
    if let (Backup::Database { file, about }, None) = (backup, until) {
        copy(file, replacement.path())?;
        // Opened as a server would, so that it has the schema of today; then compared.
        let store = SqliteStore::open(replacement.path())?;
        let shaped = store.reshape_projections().await;
        let found = store.verify_projections().await;
        store.close().await;
        shaped?;
        return match found?.differences.first() {
            None => Ok(up_to(about.position, None, 0)),
            Some(first) => Err(BackupError::Unequal(format!(
                "{} {} {}",
                first.projection, first.key, first.what
            ))),
        };
    }
    let store = SqliteStore::open(replacement.path())?;
    let brought = backup.bring(until, &store, &replacement.scratch()).await;
    store.close().await;
    brought
}
