//! A file that looks broken: is it?
//!
//! SQLite says "malformed" also after a disk could not be read for a moment. So what looks broken
//! is looked through on a connection of its own, and it counts as broken only if that says so twice.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::SqliteOptions;
use crate::storage::StoreError;
use crate::storage::failures::Trouble;

/// Between the two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Looks through the file, and notes what comes of it. Others go on meanwhile.
pub(super) async fn look(
    options: &SqliteOptions,
    trouble: &Arc<Trouble>,
) -> Result<(), StoreError> {
    let (options, trouble) = (options.clone(), Arc::clone(trouble));
    let look = move || {
        note(&trouble, &check_twice(&options));
        trouble.check_sound()
    };
    let looked = tokio::task::spawn_blocking(look).await;
    looked.map_err(|error| StoreError::Unavailable(error.to_string()))?
}

/// The same on a thread of its own, unless it is under way.
pub(super) fn look_beside(options: &SqliteOptions, trouble: &Arc<Trouble>) {
    if !trouble.begin_look() {
        return;
    }
    let (options, theirs) = (options.clone(), Arc::clone(trouble));
    let look = move || {
        note(&theirs, &check_twice(&options));
        theirs.end_look();
    };
    let thread = std::thread::Builder::new().name("siskin-check".to_owned());
    if let Err(error) = thread.spawn(look) {
        tracing::warn!(%error, "could not look through the database");
        trouble.end_look();
    }
}

fn note(trouble: &Trouble, found: &Result<(), StoreError>) {
    match found {
        Ok(()) => trouble.is_sound(),
        Err(error @ StoreError::Damaged(_)) => trouble.is_damaged(error),
        Err(error) => tracing::debug!(%error, "could not look through the database yet"),
    }
}

fn check_twice(options: &SqliteOptions) -> Result<(), StoreError> {
    match check(options) {
        Err(StoreError::Damaged(_)) => {
            std::thread::sleep(PAUSE);
            check(options)
        }
        checked => checked,
    }
}

/// Do all pages of the file fit together? What is written in them is not looked at.
fn check(options: &SqliteOptions) -> Result<(), StoreError> {
    let conn = options.reader()?;
    let found = first_fault(&conn)?;
    if found == "ok" { Ok(()) } else { Err(StoreError::Damaged(found)) }
}

fn first_fault(conn: &Connection) -> Result<String, StoreError> {
    Ok(conn.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))?)
}
