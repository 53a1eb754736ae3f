//! Why an archive was not written or not read: one sentence each, for the operator.

use std::io;
use std::path::PathBuf;

use siskin_domain::Position;

use super::format::VERSION;
use crate::storage::StoreError;

/// What can go wrong when a store moves.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file is there already.
    #[error("{0} is there already: name another file, or give --force to replace it")]
    Exists(PathBuf),
    /// An unfinished export is there already.
    #[error(
        "{0} is there already: another export is at work, or one was killed; in that case remove \
         it, or give --force"
    )]
    PartExists(PathBuf),
    /// There is nothing to export.
    #[error("the store holds nothing to export: does SISKIN_DATABASE_URL name the right one?")]
    Nothing,
    /// The file can't be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The archive can't be written to where it goes.
    #[error("can't write the archive: {0}")]
    Write(io::Error),
    /// An event is longer than a line may be.
    #[error("the event at position {0} is longer than a line of an archive may be")]
    TooLong(Position),
    /// A pipe or the like can't be read twice.
    #[error(
        "{0} can't be read twice, and an archive is checked whole before it is imported: save it \
         in a file first"
    )]
    NotAFile(PathBuf),
    /// Not an archive of ours.
    #[error("the file is not a siskin archive")]
    NotAnArchive,
    /// An archive of a version that this program does not know.
    #[error(
        "the archive has format version {0} and this siskin reads version {VERSION}: import it \
         with a newer siskin"
    )]
    Version(u32),
    /// The archive's end is missing.
    #[error("the archive is cut off after line {0}: copy it again, or export again")]
    CutOff(u64),
    /// The archive can't be unpacked, or a line is not what it should be.
    #[error("the archive is damaged at line {line} ({what}): copy it again, or export again")]
    Damaged {
        /// Which line, counted from 1.
        line: u64,
        /// What is wrong with it; never its contents.
        what: String,
    },
    /// The lines are not those that were written.
    #[error("the archive was changed after it was written: its SHA-256 is not that of its lines")]
    Changed,
    /// The last line does not say what the lines before it are.
    #[error("the archive contradicts itself: its last line says other {0} than its lines have")]
    Contradiction(&'static str),
    /// The store holds something else.
    #[error(
        "the store is not empty, and its event at position {0} is not the archive's: name an \
         empty one in SISKIN_DATABASE_URL"
    )]
    NotEmpty(Position),
    /// Somebody else writes to the store.
    #[error(
        "somebody else has written to the store during the import: stop every server that uses \
         it, and import into an empty one"
    )]
    Disturbed,
    /// The store does not hold what the archive says.
    #[error(
        "the store's {0} are not the archive's after the import: don't serve it, remove it and \
         import again"
    )]
    Unequal(&'static str),
    /// The store is written to all the time.
    #[error("the store is written to all the time: try again in a quieter moment")]
    Restless,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The work was given up.
    #[error("the work was interrupted: {0}")]
    Interrupted(String),
}
