//! A new database in the place of an old one.
//!
//! The new one is made beside the old, as `NAME.restoring`, and takes its name by one renaming:
//! before it the old database is there and after it the new one, whole. The old one is kept under a
//! name of its own. A lock on `NAME.restoring-lock` says that somebody is at it.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use siskin_domain::Timestamp;

use super::{SnapshotError, Stop, open, take, trouble};

/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What there is already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No database, or one without any event.
    Nothing,
    /// A database with so many events.
    Events(u64),
    /// Something that can't be read.
    Unreadable,
}

/// A database that is to take another's place. What is left of it is removed if it does not.
#[derive(Debug)]
pub struct Replacement {
    target: PathBuf,
    new: PathBuf,
    lock: PathBuf,
    /// Held until the end.
    _locked: File,
}

impl Replacement {
    /// Begins, and removes what a killed restore has left.
    ///
    /// # Errors
    /// [`SnapshotError::Restoring`] if another restore is at work.
    pub fn begin(target: &Path) -> Result<Self, SnapshotError> {
        let lock = beside(target, ".restoring-lock");
        let locked = private(&lock).map_err(|error| SnapshotError::file(&lock, error))?;
        match locked.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(SnapshotError::Restoring(target.to_owned()));
            }
            Err(std::fs::TryLockError::Error(error)) => {
                return Err(SnapshotError::file(&lock, error));
            }
        }
        let new = beside(target, ".restoring");
        let replacement = Self { target: target.to_owned(), new, lock, _locked: locked };
        replacement.tidy();
        // Whoever opens the target from now on sees that it is being replaced.
        private(&replacement.new).map_err(|error| SnapshotError::file(&replacement.new, error))?;
        Ok(replacement)
    }

    /// The new database's file: an empty one at first.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.new
    }

    /// A place for another database that is needed to make the new one.
    #[must_use]
    pub fn scratch(&self) -> PathBuf {
        beside(&self.target, ".restoring-source")
    }

    /// What the target is now.
    #[must_use]
    pub fn found(target: &Path) -> Found {
        let size = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
        if size(target) == 0 && size(&beside(target, "-wal")) == 0 {
            return Found::Nothing;
        }
        let count = || {
            let conn = open(target, OpenFlags::SQLITE_OPEN_READ_WRITE, &Stop::default()).ok()?;
            super::ours(&conn).ok()?.ok()?;
            let sql = "SELECT count(*) FROM events";
            conn.query_row(sql, (), |row| row.get::<_, i64>(0)).ok()
        };
        match count() {
            Some(0) => Found::Nothing,
            Some(events) => Found::Events(events as u64),
            None => Found::Unreadable,
        }
    }

    /// Puts the new database in its place; where the old one is now, if there was one.
    ///
    /// # Errors
    /// [`SnapshotError::InUse`] if others have the old one open. Nothing was changed then.
    pub fn publish(self, now: Timestamp) -> Result<Option<PathBuf>, SnapshotError> {
        let wrong = |error| SnapshotError::file(&self.target, error);
        let damaged = |error| trouble(error, SnapshotError::Damaged);
        let conn = open(&self.new, OpenFlags::SQLITE_OPEN_READ_WRITE, &Stop::default());
        let conn = conn.map_err(damaged)?;
        take::unsign(&conn).map_err(damaged)?;
        one_file(&conn).map_err(damaged)?;
        conn.close().map_err(|(_, error)| damaged(error))?;
        give_to_owner(&self.new, &self.target).map_err(wrong)?;
        File::open(&self.new).and_then(|file| file.sync_all()).map_err(wrong)?;
        let found = Self::found(&self.target);
        if found != Found::Nothing || self.target.exists() {
            settle(&self.target)?;
        }
        let aside = match found {
            Found::Nothing => None,
            _ => Some(set_aside(&self.target, now)?),
        };
        for ending in BESIDE {
            remove(&beside(&self.target, ending)).map_err(wrong)?;
        }
        std::fs::rename(&self.new, &self.target).map_err(wrong)?;
        sync_folder(&self.target).map_err(wrong)?;
        Ok(aside)
    }

    /// Removes what is only needed on the way.
    fn tidy(&self) {
        for file in [&self.new, &self.scratch()] {
            for ending in std::iter::once("").chain(BESIDE) {
                let _ = remove(&beside(file, ending));
            }
        }
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        self.tidy();
        let _ = remove(&self.lock);
    }
}

/// Is a restore of this database at work, or was one killed that had nothing to replace? A sentence
/// that says so.
#[must_use]
pub fn restoring(target: &Path) -> Option<String> {
    let new = beside(target, ".restoring");
    if !new.exists() {
        return None;
    }
    let at_work = File::open(beside(target, ".restoring-lock"))
        .is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)));
    // What the old database is does not matter while it is being replaced.
    if at_work {
        return Some(format!("{} is being restored: wait for its end", target.display()));
    }
    // A killed restore has left the old database as it was; or there was none, and a new one would
    // be taken for what was to be restored.
    (Replacement::found(target) == Found::Nothing).then(|| {
        let (target, new) = (target.display(), new.display());
        format!(
            "a restore of {target} was interrupted: run it again, or remove {new} to begin empty"
        )
    })
}

/// Brings an old database into one file, which nobody else may have open then. One that is too
/// damaged for that stays as it is.
fn settle(target: &Path) -> Result<(), SnapshotError> {
    let settled = open(target, OpenFlags::SQLITE_OPEN_READ_WRITE, &Stop::default())
        .and_then(|conn| one_file(&conn));
    match settled {
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Err(SnapshotError::InUse(target.to_owned()))
            }
            _ => Ok(()),
        },
        Ok(()) => Ok(()),
    }
}

/// Ends the write-ahead log, which only the one who is alone with a database can.
fn one_file(conn: &Connection) -> Result<(), rusqlite::Error> {
    conn.busy_timeout(std::time::Duration::ZERO)?;
    // It fails while others have the database open.
    conn.query_row("PRAGMA journal_mode = DELETE", (), |_| Ok(()))
}

/// Gives the old database another name beside its own.
fn set_aside(target: &Path, now: Timestamp) -> Result<PathBuf, SnapshotError> {
    let (year, month, day, hour, minute, second, _) = now.parts();
    let ending = format!(".before-{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z");
    let aside = beside(target, &ending);
    for ending in std::iter::once("").chain(BESIDE) {
        let (from, to) = (beside(target, ending), beside(&aside, ending));
        if !from.exists() {
            continue;
        }
        // A second name, so that there is no moment without a database. Not every file system has
        // such; there it is moved.
        match std::fs::hard_link(&from, &to) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(SnapshotError::file(&to, error));
            }
            Err(_) => std::fs::rename(&from, &to),
            Ok(()) => Ok(()),
        }
        .map_err(|error| SnapshotError::file(&to, error))?;
    }
    Ok(aside)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A file that only its owner may read, new or emptied.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What root makes belongs to whoever owns what it replaces, or else its folder: the server runs as
/// them. Others can't give anything away, and need not.
fn give_to_owner(new: &Path, target: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let owner = |path: &Path| path.metadata().map(|meta| (meta.uid(), meta.gid()));
        let (uid, gid) = owner(target).or_else(|_| owner(folder(target)))?;
        if rustix::process::geteuid().is_root() && owner(new)? != (uid, gid) {
            chown(new, Some(uid), Some(gid))?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder(path))?.sync_all() } else { Ok(()) }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
