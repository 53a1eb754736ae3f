//! `siskin restore`.

mod database;
mod file;

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use siskin_domain::{Position, Timestamp};
use siskin_server::archive::{Checked, check, import};
use siskin_server::backup::{self, BackupError, Brought, Cut, Kind, Until, recognise, reserve_ids};
use siskin_server::config::{DatabaseUrl, RestoreConfig};
use siskin_server::storage::snapshot::{self, SnapshotError, Stop};
use siskin_server::storage::{Maintenance as _, SqliteStore, Store};

use super::print_line;
use super::progress::Bar;

/// Runs the command.
pub(crate) async fn run(config: RestoreConfig) -> Result<(), String> {
    let RestoreConfig { store, file, until, force } = config;
    let url = store.url()?;
    let restored = async {
        // Before the store is looked at: a wrong file changes nothing.
        let backup = Backup::open(&file).await.map_err(|error| error.to_string())?;
        match url {
            DatabaseUrl::Sqlite(path) => file::restore(&backup, until, &path, force).await,
            DatabaseUrl::Mongo(url) => database::restore(&backup, until, &url, force).await,
        }
    };
    let (said, aside) = tokio::select! {
        restored = restored => restored?,
        _ = tokio::signal::ctrl_c() => return Err("the restore was interrupted: give the same command again".to_owned()),
    };
    print_line(&said)?;
    match aside {
        Some(aside) => print_line(&format!("What was there before is kept as {aside}.")),
        None => Ok(()),
    }
}

/// What is said in the end, and where the old store is.
type Restored = (String, Option<String>);

/// A backup that was read from end to end and believed.
enum Backup {
    Database { file: PathBuf, about: snapshot::Snapshot },
    Archive(Box<Checked>),
}

impl Backup {
    async fn open(file: &Path) -> Result<Self, BackupError> {
        match recognise(file)? {
            Kind::Database => {
                let file = file.to_owned();
                let about = snapshot::examine(&file, &Stop::default())?;
                Ok(Self::Database { file, about })
            }
            Kind::Archive => Ok(Self::Archive(Box::new(check(file, &mut Bar::new()).await?))),
        }
    }

    /// When it was begun.
    fn made_at(&self) -> Timestamp {
        match self {
            Self::Database { about, .. } => about.created_at,
            Self::Archive(checked) => checked.header().created_at,
        }
    }

    /// The position of its last event.
    fn end(&self) -> Position {
        match self {
            Self::Database { about, .. } => about.position,
            Self::Archive(checked) => checked.end().position,
        }
    }

    /// Is this all of it that there could be? Refused before anything is made.
    fn reaches(&self, until: Option<Until>) -> Result<(), BackupError> {
        match until {
            Some(Until::Position(position)) if position > self.end() => {
                Err(BackupError::TooFar(self.end()))
            }
            Some(Until::Time(time)) if time > self.made_at() => {
                Err(BackupError::TooLate(self.made_at()))
            }
            _ => Ok(()),
        }
    }

    /// All of it as a database of its own, in a file that is not there yet.
    async fn unpack(&self, to: &Path) -> Result<SqliteStore, BackupError> {
        match self {
            Self::Database { file, .. } => {
                copy(file, to)?;
                Ok(SqliteStore::open(to)?)
            }
            Self::Archive(checked) => {
                let store = SqliteStore::open(to)?;
                import(&store, checked, &mut Bar::new()).await?;
                Ok(store)
            }
        }
    }

    /// Brings it into an empty store, up to some moment, by way of a database at `scratch`.
    async fn bring(
        &self,
        until: Option<Until>,
        store: &dyn Store,
        scratch: &Path,
    ) -> Result<String, BackupError> {
        if let (Self::Archive(checked), None) = (self, until) {
            return bring_archive(checked, store).await;
        }
        let source = self.unpack(scratch).await?;
        let done = async {
            let cut = Cut::find(&source, until, self.made_at()).await?;
            let brought = backup::bring(&source, store, &cut, &mut Bar::new()).await?;
            reserve_ids(store, cut.last_id_at()).await?;
            Ok((cut, brought))
        };
        let done: Result<(Cut, Brought), BackupError> = done.await;
        source.close().await;
        let (cut, brought) = done?;
        Ok(up_to(cut.position, Some(cut.at), brought.deletions))
    }
}

async fn bring_archive(archive: &Checked, store: &dyn Store) -> Result<String, BackupError> {
    import(store, archive, &mut Bar::new()).await?;
    reserve_ids(store, archive.last_id_at()).await?;
    Ok(up_to(archive.end().position, None, 0))
}

fn up_to(position: Position, at: Option<Timestamp>, deletions: u64) -> String {
    let at = at.map_or_else(String::new, |at| format!(" ({at})"));
    let deletions = match deletions {
        0 => String::new(),
        more => format!(", and {more} deletions of what was erased later"),
    };
    format!("The store is restored up to position {position}{at}{deletions}.")
}

/// Copies a file into one that only its owner may read.
fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    let wrong = |path: &Path| {
        let path = path.to_owned();
        move |error| BackupError::from(SnapshotError::File { path, error })
    };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut source = File::open(from).map_err(wrong(from))?;
    let mut target = options.open(to).map_err(wrong(to))?;
    std::io::copy(&mut source, &mut target).map_err(wrong(to))?;
    target.sync_all().map_err(wrong(to))
}
