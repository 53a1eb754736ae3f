//! The folder of backups: which files are ours, and which of them go.
//!
//! A file is ours if its name has our form and its own beginning says that it was made at the time
//! in its name. Nothing else counts, and nothing else is ever removed.

use std::path::{Path, PathBuf};

use siskin_domain::{Position, Timestamp};

use super::name::made_at;
use crate::archive;
use crate::backup::{Kind, recognise};
use crate::storage::snapshot;

/// A backup in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// When it was begun.
    pub at: Timestamp,
    /// Where it is.
    pub path: PathBuf,
    /// How large it is.
    pub bytes: u64,
    /// The position of its last event, as far as its beginning says.
    pub position: Position,
}

/// The good backups in a folder, newest first.
///
/// # Errors
/// If the folder can't be read.
pub async fn good(folder: &Path) -> std::io::Result<Vec<Kept>> {
    let mut found = Vec::new();
    for (at, kind, path) in named(folder, "")? {
        if let Some(kept) = look(at, kind, path).await {
            found.push(kept);
        }
    }
    found.sort_by(|a, b| (b.at, &b.path).cmp(&(a.at, &a.path)));
    Ok(found)
}

/// Removes all good backups but the newest `keep` and the one that was just made: a clock that was
/// wrong once must not let an old one seem newer. Says which.
///
/// # Errors
/// If the folder can't be read, or a file not be removed.
pub async fn thin(folder: &Path, keep: usize, made: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut removed = Vec::new();
    let old = good(folder).await?.into_iter().skip(keep.max(1));
    for old in old.filter(|old| old.path != made) {
        std::fs::remove_file(&old.path)?;
        removed.push(old.path);
    }
    Ok(removed)
}

/// Removes what a killed backup of ours has left half written. To be called by the one server whose
/// turn it is.
pub(super) fn remove_halves(folder: &Path) -> std::io::Result<()> {
    for ending in [".part", ".part-journal"] {
        for (_, _, path) in named(folder, ending)? {
            tracing::info!(path = %path.display(), "removed a backup that was not finished");
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Files whose names are ours, with something behind.
fn named(folder: &Path, behind: &str) -> std::io::Result<Vec<(Timestamp, Kind, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let ours = name.to_str().and_then(|name| name.strip_suffix(behind)).and_then(made_at);
        // A link is somebody else's doing.
        if let Some((at, kind)) = ours
            && entry.file_type()?.is_file()
        {
            found.push((at, kind, entry.path()));
        }
    }
    Ok(found)
}

/// A backup, if the file says that it is the one that its name says.
async fn look(at: Timestamp, kind: Kind, path: PathBuf) -> Option<Kept> {
    let bytes = path.metadata().ok()?.len();
    if recognise(&path).ok()? != kind {
        return None;
    }
    let (said, position) = match kind {
        Kind::Database => {
            let about = snapshot::about(&path).ok()?;
            (about.created_at, about.position)
        }
        Kind::Archive => {
            let header = archive::about(&path).await.ok()?;
            (header.created_at, header.position)
        }
    };
    let same = said.unix_ms().div_euclid(1000) == at.unix_ms().div_euclid(1000);
    same.then_some(Kept { at: said, path, bytes, position })
}
