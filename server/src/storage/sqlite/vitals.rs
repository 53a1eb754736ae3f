//! How the file is.

use std::path::{Path, PathBuf};

use super::{SqliteStore, log};
use crate::storage::vitals::{Following, Vitals};
use crate::storage::{EventStore as _, StoreError};

impl SqliteStore {
    pub(super) async fn look(&self) -> Result<Vitals, StoreError> {
        let told = self.position();
        let path = self.options.path.clone();
        let waiting = self.writer.waiting();
        self.readers
            .read(move |conn| {
                let end = log::end(conn)?;
                Ok(Vitals {
                    kind: "sqlite",
                    end,
                    size_bytes: size(&path),
                    // None is as good as an empty one.
                    wal_bytes: Some(size(&beside(&path, "-wal")).unwrap_or(0)),
                    disk_free_bytes: free(&path),
                    waiting,
                    projections: vec![Following::live(end, told)],
                })
            })
            .await
    }
}

fn size(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|file| file.len())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// What is free for whoever is not root.
#[cfg(target_os = "linux")]
fn free(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(target_os = "linux"))]
fn free(_: &Path) -> Option<u64> {
    None
}
