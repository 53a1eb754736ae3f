//! Why there is no backup, or nothing made of one: one sentence each, for the operator.

use std::path::PathBuf;

use siskin_domain::{Position, Timestamp};

use crate::archive::ArchiveError;
use crate::storage::StoreError;
use crate::storage::snapshot::SnapshotError;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file is something else.
    #[error("{0} is neither a backup of siskin nor an archive of siskin")]
    NotABackup(PathBuf),
    /// A pipe or the like can't be read twice.
    #[error("{0} is not a file: a backup is checked whole before it is used, so save it in one")]
    NotAFile(PathBuf),
    /// The database would be replaced by its own copy.
    #[error("{0} is the database itself: name another file for its backup")]
    Itself(PathBuf),
    /// The file can't be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The moment is before the first event.
    #[error("nothing had happened then: the first event is of {0}")]
    TooEarly(Timestamp),
    /// The position is behind the backup's end.
    #[error("the backup ends at position {0}: take a later one")]
    TooFar(Position),
    /// The moment is after the backup.
    #[error("the backup was begun at {0}: take a later one")]
    TooLate(Timestamp),
    /// The backup's log is no log.
    #[error("the backup's log is damaged: {0}")]
    Log(String),
    /// What was made is not what the log says.
    #[error("the restored store is not what its log says ({0}): it was not put in place")]
    Unequal(String),
    /// It was given up.
    #[error("it was interrupted: {0}")]
    Interrupted(String),
    /// About a database.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// About an archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}
