//! A folder with a database, and the commands that are run there.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use siskin_domain::{Position, Recorded};
use siskin_server::archive::digest::{Digests, digests};
use siskin_server::storage::{Maintenance as _, SqliteStore, Store};

use crate::history::{lively, restore};

/// A folder of its own, whose database is `siskin.db`.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One in whose database everything has happened that can.
    pub(crate) async fn lively() -> Self {
        let place = Self::empty();
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&place.database()).unwrap());
        lively(Arc::clone(&store)).await;
        store.close().await;
        place
    }

    /// One whose database has this log.
    pub(crate) async fn with(log: &[Recorded]) -> Self {
        let place = Self::empty();
        let store = SqliteStore::open(&place.database()).unwrap();
        restore(&store, log).await;
        store.close().await;
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.file("siskin.db")
    }

    pub(crate) fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.database()).unwrap()
    }

    /// The digests of the store, which nobody has open before or after.
    pub(crate) async fn digests(&self) -> Digests {
        let store = self.store();
        let found = digests(&store).await.unwrap();
        store.close().await;
        found
    }

    /// The names of all that is there.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> =
            entries.map(name).map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let url = format!("sqlite://{}", self.database().display());
        siskin(self.path(), &url, arguments)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn begin(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Fails unless the store is sound by all that the commands know.
    pub(crate) fn is_sound(&self) {
        assert!(said(&self.run(&["projections", "verify"])).starts_with("All "));
        assert!(said(&self.run(&["events", "verify"])).ends_with("All is as it should be.\n"));
    }
}

/// A command on a store.
pub(crate) fn siskin(folder: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siskin"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("SISKIN_DATABASE_URL", url)
        .env_remove("SISKIN_DATABASE_URL_FILE")
        .env("SISKIN_ADDR", "127.0.0.1:0")
        .stdin(Stdio::null());
    command
}

/// What a successful command printed.
pub(crate) fn said(output: &Output) -> String {
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && trouble.is_empty(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Why a command failed: one sentence.
pub(crate) fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

/// A store's log.
pub(crate) async fn log(store: &dyn Store) -> Vec<Recorded> {
    let (mut log, mut at) = (Vec::new(), Position(0));
    loop {
        let page = store.read_all(at, 1000).await.unwrap();
        let Some(last) = page.last() else { return log };
        at = last.position;
        log.extend(page);
    }
}

/// The digests of a store that has the beginning of a log.
pub(crate) async fn digests_of(log: &[Recorded]) -> Digests {
    Place::with(log).await.digests().await
}
