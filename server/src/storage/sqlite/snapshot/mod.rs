//! A database copied whole while others write to it: one file that says of itself what it is.
//!
//! * [`take`]: the copy, checked before it is called done.
//! * [`about`], [`examine`]: what a copy says of itself, believed or looked at from end to end.
//! * [`Replacement`]: a new database in the place of an old one, at one moment.
//!
//! A copy is a database with one table more, `siskin_backup`: when it was made, how far its log
//! is, and the SHA-256 of all that is in it.

mod content;
mod examine;
mod replace;
mod take;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use siskin_domain::{Position, Timestamp};

pub use examine::{about, examine};
pub use replace::{Found, Replacement, restoring};
pub use take::take;

use super::migrations::APPLICATION_ID;

/// What every SQLite file begins with.
pub const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The version of the table `siskin_backup` and of the way to its SHA-256.
const FORMAT: i64 = 1;
/// So many steps of SQLite's machine lie between two looks at whether to stop.
const STEPS: i32 = 10_000;

/// What a copy says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The siskin that made it.
    pub software: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// The position of its last event.
    pub position: Position,
}

/// Why there is no copy, or no belief in one.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// There is no database.
    #[error("there is no database at {0}: does SISKIN_DATABASE_URL name the right one?")]
    Missing(PathBuf),
    /// The database is not ours, or its schema is of a later siskin.
    #[error("{0}")]
    Foreign(&'static str),
    /// The database can't be copied as it is.
    #[error("the database is damaged, so no backup was made of it: {0}")]
    Source(String),
    /// A database, and not a copy that was made here.
    #[error(
        "the file is a database and not a backup: name it in SISKIN_DATABASE_URL to use it as it \
         is, or to make a backup of it"
    )]
    NotABackup,
    /// The copy is not what was written.
    #[error("the backup is damaged ({0}): copy it again, or take an older one")]
    Damaged(String),
    /// The copy is of a version that this program does not know.
    #[error("the backup was made by a newer siskin (format {0}): restore it with that one")]
    Newer(i64),
    /// Others have the database open.
    #[error("{0} is in use: stop every server and command that uses it")]
    InUse(PathBuf),
    /// Another restore has the database.
    #[error("another restore of {0} is at work")]
    Restoring(PathBuf),
    /// The file can't be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// SQLite can't do it now.
    #[error("{0}")]
    Unavailable(String),
    /// It was told to stop.
    #[error("the backup was stopped: no file was made")]
    Stopped,
}

impl SnapshotError {
    fn file(path: &Path, error: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), error }
    }
}

/// A wish that long work should stop. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// From now on it is wished.
    pub fn now(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Is it wished?
    #[must_use]
    pub fn is_wished(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A connection whose statements end when that is wished.
fn open(path: &Path, flags: OpenFlags, stop: &Stop) -> Result<Connection, rusqlite::Error> {
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let stop = stop.clone();
    conn.progress_handler(STEPS, Some(move || stop.is_wished()));
    Ok(conn)
}

/// Is the database one of ours, of a schema that this version knows? Its schema's number.
fn ours(conn: &Connection) -> Result<Result<i64, SnapshotError>, rusqlite::Error> {
    let owner: i64 = conn.query_row("PRAGMA application_id", (), |row| row.get(0))?;
    let schema: i64 = conn.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    Ok(if owner != APPLICATION_ID {
        Err(SnapshotError::Foreign("the database belongs to another program"))
    } else if schema > super::migrations::newest() {
        Err(SnapshotError::Foreign("the database was made by a newer version of siskin"))
    } else {
        Ok(schema)
    })
}

/// What SQLite says of the whole file, if it is not well.
fn unwell(conn: &Connection) -> Result<Option<String>, rusqlite::Error> {
    let said: String = conn.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
    Ok((said != "ok").then_some(said))
}

/// Trouble with a file: what it holds, or all else.
fn trouble(error: rusqlite::Error, holds: fn(String) -> SnapshotError) -> SnapshotError {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => SnapshotError::Stopped,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) | None => {
            holds(error.to_string())
        }
        // What is not as it was written may lack a table or a column.
        Some(ErrorCode::Unknown) => holds(error.to_string()),
        Some(_) => SnapshotError::Unavailable(error.to_string()),
    }
}
