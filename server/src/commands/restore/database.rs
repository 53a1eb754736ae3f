//! Into a MongoDB database.

use std::io::ErrorKind;
use std::path::PathBuf;

use siskin_server::application::{Clock as _, SystemClock};
use siskin_server::backup::{BackupError, Until};
use siskin_server::config::MongoUrl;
use siskin_server::storage::{Maintenance as _, MongoStore, StoreError};

use super::{Backup, Restored};

/// Brings a backup into a database that no server opens until it is whole.
pub(super) async fn restore(
    backup: &Backup,
    until: Option<Until>,
    url: &MongoUrl,
    force: bool,
) -> Result<Restored, String> {
    let sentence = |error: BackupError| error.to_string();
    backup.reaches(until).map_err(sentence)?;
    let wrong = |error: StoreError| match error {
        StoreError::Unavailable(why) | StoreError::Corrupt(why) => {
            format!("SISKIN_DATABASE_URL: can't restore into {url}: {why}")
        }
        other => format!("SISKIN_DATABASE_URL: can't restore into {url}: {other}"),
    };
    // What can fail before the store is moved aside does so before.
    let folder = Scratch::make()?;
    let opened = MongoStore::open_to_restore(url.secret(), force, SystemClock.now()).await;
    let (store, aside) = opened.map_err(wrong)?;
    let said = backup.bring(until, &store, &folder.0.join("source.db")).await;
    let done = match said {
        Ok(said) => store.restored().await.map(|()| said).map_err(wrong),
        Err(error) => Err(format!("{error}; no server starts on it: restore again")),
    };
    store.close().await;
    Ok((done?, aside))
}

/// So many folders of restores that were killed are passed over.
const MOST_LEFT: u32 = 1000;

/// A folder that only we may look into, gone in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> Result<Self, String> {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let mut number = 0_u32;
        loop {
            let name = format!("siskin-restore-{}-{number}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            match builder.create(&folder) {
                Ok(()) => return Ok(Self(folder)),
                // One that was killed had our number.
                Err(error) if error.kind() == ErrorKind::AlreadyExists && number < MOST_LEFT => {
                    number += 1;
                }
                Err(error) => return Err(format!("{}: {error}", folder.display())),
            }
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
