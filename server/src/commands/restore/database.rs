//! Into a MongoDB database.

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
    let opened = MongoStore::open_to_restore(url.secret(), force, SystemClock.now()).await;
    let (store, aside) = opened.map_err(wrong)?;
    let folder = Scratch::make()?;
    let said = backup.bring(until, &store, &folder.0.join("source.db")).await;
    let done = match said {
        Ok(said) => store.restored().await.map(|()| said).map_err(wrong),
        Err(error) => Err(format!("{error}; no server starts on it: restore again")),
    };
    store.close().await;
    Ok((done?, aside))
}

/// A folder that only we may look into, gone in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> Result<Self, String> {
        let name = format!("siskin-restore-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
