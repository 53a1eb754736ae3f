//! Making a backup: written beside its name, checked, on disk, and only then there.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use siskin_domain::{Position, Timestamp};
use tokio::sync::oneshot;

use super::{BackupError, Kind};
use crate::archive::{ArchiveError, Draft, Observer, check, export};
use crate::storage::Store;
use crate::storage::snapshot::{self, SnapshotError, Stop};

/// How soon an export that is to stop does.
const LOOK: Duration = Duration::from_millis(50);
/// How far a copy's thread makes way for those that serve.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// What backups are made of.
#[derive(Clone)]
pub enum Source {
    /// A database file.
    File(PathBuf),
    /// A store that is no file.
    Shared(Arc<dyn Store>),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Shared(_) => f.write_str("Shared"),
        }
    }
}

impl Source {
    /// The kind of its backups.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::File(_) => Kind::Database,
            Self::Shared(_) => Kind::Archive,
        }
    }
}

/// A backup that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// The position of the last event in it.
    pub position: Position,
    /// How large it is.
    pub bytes: u64,
}

/// Makes a backup while others read and write. The file is there when it is whole, checked and on
/// disk, and only its owner may read it.
///
/// # Errors
/// [`ArchiveError::Exists`] if the file is there already, unless forced; whatever the store or the
/// disk say. Then there is no file, and one that was there is as it was.
pub async fn make(
    source: &Source,
    file: &Path,
    force: bool,
    now: Timestamp,
    stop: &Stop,
    observer: &mut dyn Observer,
) -> Result<Made, BackupError> {
    if let Source::File(database) = source
        && is_same(file, database)
    {
        return Err(BackupError::Itself(file.to_owned()));
    }
    let (draft, part) = Draft::create(file, force)?;
    let (part, position) = match source {
        Source::File(database) => {
            let (database, to, stop) = (database.clone(), draft.part().to_owned(), stop.clone());
            let copied = quietly(move || snapshot::take(&database, &to, now, &stop)).await?;
            (part, copied.position)
        }
        Source::Shared(store) => {
            let archived = async {
                let (part, end) = export(store.as_ref(), part, now, observer).await?;
                check(draft.part(), observer).await?;
                Ok::<_, BackupError>((part, end.position))
            };
            tokio::select! {
                archived = archived => archived?,
                () = stopped(stop) => return Err(SnapshotError::Stopped.into()),
            }
        }
    };
    if position == Position(0) {
        return Err(ArchiveError::Nothing.into());
    }
    let size = part.metadata();
    let bytes = size.map_err(|error| BackupError::File { path: file.to_owned(), error })?.len();
    draft.publish(part)?;
    Ok(Made { position, bytes })
}

/// Are these two names of one file?
fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

async fn stopped(stop: &Stop) {
    while !stop.is_wished() {
        tokio::time::sleep(LOOK).await;
    }
}

/// Does long work on a thread of its own that makes way for all others.
async fn quietly<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SnapshotError> + Send + 'static,
) -> Result<T, BackupError> {
    let (reply, answer) = oneshot::channel();
    let interrupted = |why: String| BackupError::Interrupted(why);
    std::thread::Builder::new()
        .name("siskin-backup".to_owned())
        .spawn(move || {
            #[cfg(target_os = "linux")]
            let _ = rustix::process::nice(NICENESS);
            let _ = reply.send(work());
        })
        .map_err(|error| interrupted(error.to_string()))?;
    let done = answer.await.map_err(|error| interrupted(error.to_string()))?;
    done.map_err(BackupError::from)
}
