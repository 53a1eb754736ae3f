//! Copying a database that is in use.
//!
//! `VACUUM INTO` reads one state of the database from beginning to end, however much is committed
//! meanwhile: readers of a write-ahead log hold nobody up. It writes live rows only, so that a copy
//! holds nothing of what was erased (`docs/adr/0020-backups.md`).

use std::path::Path;

use rusqlite::{Connection, OpenFlags, params};
use siskin_domain::{Position, Timestamp};

use super::super::{log, maintenance, migrations, reshape};
use super::{FORMAT, Snapshot, SnapshotError, Stop, content, open, ours, trouble, unwell};
use crate::storage::StoreError;

/// How long the copy waits for a lock: nobody holds one for long.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Copies a database into an empty file, and checks the copy: what SQLite says of it, that the log
/// has no gap, and that the projections are what the log says.
///
/// The caller flushes the file to disk.
///
/// # Errors
/// [`SnapshotError::Source`] for a database that is damaged: a copy of it must not take the place
/// of an older and better one.
pub fn take(
    database: &Path,
    to: &Path,
    now: Timestamp,
    stop: &Stop,
) -> Result<Snapshot, SnapshotError> {
    if !database.is_file() {
        return Err(SnapshotError::Missing(database.to_owned()));
    }
    let taken = copy(database, to, now, stop);
    // SQLite leaves it where the disk was full.
    let mut journal = to.as_os_str().to_owned();
    journal.push("-journal");
    let _ = std::fs::remove_file(journal);
    taken
}

fn copy(
    database: &Path,
    to: &Path,
    now: Timestamp,
    stop: &Stop,
) -> Result<Snapshot, SnapshotError> {
    let wrong = |error| trouble(error, SnapshotError::Source);
    let source = open(database, OpenFlags::SQLITE_OPEN_READ_WRITE, stop).map_err(wrong)?;
    source.busy_timeout(PATIENCE).map_err(wrong)?;
    let schema = ours(&source).map_err(wrong)??;
    let path = to.to_str().ok_or(SnapshotError::Foreign("the file's name is not UTF-8"))?;
    source.execute("VACUUM INTO ?1", [path]).map_err(wrong)?;
    drop(source);
    strip(to, stop).map_err(wrong)?;
    let newest = schema == migrations::newest();
    let position = check(to, newest, stop)?;
    let about =
        Snapshot { software: env!("CARGO_PKG_VERSION").to_owned(), created_at: now, position };
    sign(to, &about, stop).map_err(wrong)?;
    Ok(about)
}

/// Takes out of the copy what only the original can use.
fn strip(copy: &Path, stop: &Stop) -> Result<(), rusqlite::Error> {
    let conn = unseen(copy, stop)?;
    // What is dropped is overwritten.
    conn.pragma_update(None, "secure_delete", "ON")?;
    reshape::drop_unfinished(&conn)?;
    conn.close().map_err(|(_, error)| error)
}

/// Fails unless the copy is sound; the position of its last event. Projections of an older schema or
/// shape are not compared: they are made anew before they are used.
fn check(copy: &Path, newest: bool, stop: &Stop) -> Result<Position, SnapshotError> {
    let wrong = |error| trouble(error, SnapshotError::Source);
    let damaged = |error| match error {
        StoreError::Unavailable(_) if stop.is_wished() => SnapshotError::Stopped,
        StoreError::Unavailable(why) => SnapshotError::Unavailable(why),
        StoreError::Corrupt(what) => SnapshotError::Source(what),
        other => SnapshotError::Source(other.to_string()),
    };
    let conn = open(copy, OpenFlags::SQLITE_OPEN_READ_ONLY, stop).map_err(wrong)?;
    if let Some(what) = unwell(&conn).map_err(wrong)? {
        return Err(SnapshotError::Source(what));
    }
    let end = log::end(&conn).map_err(damaged)?;
    let events = "SELECT count(*) FROM events";
    let events: i64 = conn.query_row(events, (), |row| row.get(0)).map_err(wrong)?;
    if events as u64 != end.0 {
        return Err(SnapshotError::Source("positions of the log are missing".to_owned()));
    }
    if newest && reshape::is_of_today(&conn).map_err(damaged)? {
        let found = maintenance::verify(&conn).map_err(damaged)?;
        if let Some(first) = found.differences.first() {
            return Err(SnapshotError::Source(format!(
                "{} rows are not what the events say, {} {} for one: `siskin projections verify` \
                 names them, and `siskin projections rebuild` makes them anew",
                found.differences.len(),
                first.projection,
                first.key
            )));
        }
    }
    Ok(end)
}

/// The copy, to be written: nobody sees the file before it is whole, so nothing need be undone in it.
fn unseen(copy: &Path, stop: &Stop) -> Result<Connection, rusqlite::Error> {
    let conn = open(copy, OpenFlags::SQLITE_OPEN_READ_WRITE, stop)?;
    conn.query_row("PRAGMA journal_mode = OFF", (), |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "OFF")?;
    Ok(conn)
}

/// Writes into the copy what it is.
fn sign(copy: &Path, about: &Snapshot, stop: &Stop) -> Result<(), rusqlite::Error> {
    let conn = unseen(copy, stop)?;
    unsign(&conn)?;
    conn.execute_batch(
        "CREATE TABLE siskin_backup (
           format     INTEGER NOT NULL,
           software   TEXT    NOT NULL,
           created_at INTEGER NOT NULL,
           position   INTEGER NOT NULL,
           content    BLOB    NOT NULL   -- SHA-256 of all other tables
         ) STRICT",
    )?;
    let content = content::hash(&conn, about)?;
    conn.execute(
        "INSERT INTO siskin_backup (format, software, created_at, position, content)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            FORMAT,
            about.software,
            about.created_at.unix_ms(),
            about.position.0 as i64,
            content
        ],
    )?;
    conn.close().map_err(|(_, error)| error)
}

/// Makes a copy a database like any other.
pub(super) fn unsign(conn: &Connection) -> Result<(), rusqlite::Error> {
    conn.execute_batch("DROP TABLE IF EXISTS siskin_backup")
}
