//! A file in a folder of its own, and what tests do with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use siskin_server::storage::SqliteStore;
use siskin_server::storage::contract::scene::Scene;

/// A place for a store; gone when it is dropped.
pub(crate) struct Place {
    _folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

/// A new place.
pub(crate) fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("siskin.db");
    Place { _folder: folder, path }
}

/// A scene on the file, whose ids begin where `first` says.
pub(crate) fn scene(path: &Path, first: u64) -> Scene {
    scene_on(SqliteStore::open(path).unwrap(), first)
}

/// A scene on a store, whose ids begin where `first` says.
pub(crate) fn scene_on(store: SqliteStore, first: u64) -> Scene {
    let scene = Scene::new(Arc::new(store));
    while scene.number() + 1 < first {}
    scene
}

/// Does something behind the store's back.
pub(crate) fn sql(path: &Path, statements: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(statements).unwrap();
}

/// Waits for a condition; fails if it does not come true within a minute.
pub(crate) async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition().await {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
