//! Which kind of backup a file is: told by what it begins with, not by its name.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::BackupError;
use crate::storage::snapshot;

/// What a frame of zstd begins with.
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// A kind of backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A database file, complete.
    Database,
    /// The log and what is beside it (`docs/ARCHIVE.md`).
    Archive,
}

impl Kind {
    /// How names of such files end.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Database => ".db",
            Self::Archive => ".jsonl.zst",
        }
    }
}

/// The kind of a file.
///
/// # Errors
/// [`BackupError::NotABackup`] for what is neither.
pub fn recognise(path: &Path) -> Result<Kind, BackupError> {
    let wrong = |error| BackupError::File { path: path.to_owned(), error };
    if !path.metadata().map_err(wrong)?.is_file() {
        return Err(BackupError::NotAFile(path.to_owned()));
    }
    let mut begins = Vec::new();
    let mut file = File::open(path).map_err(wrong)?.take(snapshot::MAGIC.len() as u64);
    file.read_to_end(&mut begins).map_err(wrong)?;
    if begins == snapshot::MAGIC {
        Ok(Kind::Database)
    } else if begins.starts_with(&ZSTD) {
        Ok(Kind::Archive)
    } else {
        Err(BackupError::NotABackup(path.to_owned()))
    }
}
