//! Connections and their settings.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::storage::StoreError;

/// How to open a store.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// The database file; its folder must exist.
    pub path: PathBuf,
    /// Make the file if there is none. Programs beside a server leave this off.
    pub create: bool,
    /// How long a write waits for another process before it is `Unavailable`.
    pub busy_timeout: Duration,
    /// The largest size the file may grow to, in pages of 4 KiB; then writes are `Unavailable`.
    pub max_pages: Option<u32>,
}

impl SqliteOptions {
    /// The usual settings for a file.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let busy_timeout = Duration::from_secs(5);
        Self { path: path.into(), create: true, busy_timeout, max_pages: None }
    }

    /// The connection that writes. Every commit is on disk before it returns.
    pub(super) fn writer(&self) -> Result<Connection, StoreError> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if self.create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
            create_private(&self.path)?;
        }
        let conn = Connection::open_with_flags(&self.path, flags)?;
        conn.busy_timeout(self.busy_timeout)?;
        let mode: String =
            conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if mode != "wal" {
            let why = format!("no write-ahead log is possible there (journal mode {mode})");
            return Err(StoreError::Unavailable(why));
        }
        conn.pragma_update(None, "synchronous", "FULL")?;
        // Erased text is overwritten, not only unlinked.
        conn.pragma_update(None, "secure_delete", "ON")?;
        // 16 MiB of log between checkpoints: hot pages are copied back once, not many times.
        conn.pragma_update(None, "wal_autocheckpoint", 4000)?;
        conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
        conn.pragma_update(None, "cache_size", -8192)?;
        if let Some(pages) = self.max_pages {
            conn.pragma_update(None, "max_page_count", pages)?;
        }
        shared_settings(conn)
    }

    /// Is there something in the write-ahead log? After a clean end there is none.
    pub(super) fn has_log(&self) -> bool {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
    }

    /// A connection that only reads: each statement sees the newest commit.
    pub(super) fn reader(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&self.path, flags)?;
        conn.busy_timeout(self.busy_timeout)?;
        conn.pragma_update(None, "cache_size", -2048)?;
        shared_settings(conn)
    }
}

fn shared_settings(conn: Connection) -> Result<Connection, StoreError> {
    conn.pragma_update(None, "foreign_keys", "ON")?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// The file holds personal data: only its owner may read it. SQLite gives the write-ahead log
/// the same permissions.
///
/// A file that exists is not even opened: closing it again would drop the locks that other
/// connections of this process hold on it.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unavailable(format!("{}: {error}", path.display()))),
    }
}

/// SQLite's errors as ours: a constraint that no rule foresaw is a lost race, what can't be read
/// is corrupt, and all else may pass.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => Self::Conflict,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            Some(ErrorCode::DiskFull) => Self::DiskFull(error.to_string()),
            Some(ErrorCode::SystemIoFailure) => match error.sqlite_error() {
                // The index of the write-ahead log can't grow.
                Some(found) if found.extended_code == ffi::SQLITE_IOERR_SHMSIZE => {
                    Self::DiskFull(error.to_string())
                }
                _ => Self::DiskFailed(error.to_string()),
            },
            Some(_) => Self::Unavailable(error.to_string()),
            None => Self::Corrupt(error.to_string()),
        }
    }
}
