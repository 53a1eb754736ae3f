//! Which stores there are, and short words for moving between them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use siskin_domain::Timestamp;
use siskin_server::archive::{ArchiveError, Checked, Draft, Imported, check, export, import};
use siskin_server::storage::contract::Empty;
use siskin_server::storage::{MongoStore, SqliteStore, Store};

use crate::mongodb::database;

/// A kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Mongo,
}

/// From where to where: SQLite to each, and from each to SQLite.
pub(crate) fn pairs() -> Vec<(Kind, Kind)> {
    use Kind::{Mongo, Sqlite};
    vec![(Sqlite, Sqlite), (Sqlite, Mongo), (Mongo, Sqlite)]
}

/// One test at a time: the MongoDB-protocol server that the tests start does little at once, and a
/// thousand events of one test must not keep another from writing in time.
pub(crate) async fn turn() -> tokio::sync::MutexGuard<'static, ()> {
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    TURN.lock().await
}

/// The same for tests that need a store to be fast: the MongoDB-protocol server that the tests
/// start is not.
pub(crate) fn fast_pairs() -> Vec<(Kind, Kind)> {
    vec![(Kind::Sqlite, Kind::Sqlite)]
}

/// An empty store of a kind.
pub(crate) async fn empty(kind: Kind) -> Empty {
    match kind {
        Kind::Sqlite => {
            let folder = tempfile::tempdir().unwrap();
            let store = Arc::new(SqliteStore::open(&folder.path().join("siskin.db")).unwrap());
            Empty { store, keep: Box::new(folder) }
        }
        Kind::Mongo => {
            let store = Arc::new(MongoStore::open(&database()).await.unwrap());
            Empty { store, keep: Box::new(()) }
        }
    }
}

/// When archives are made here.
pub(crate) fn now() -> Timestamp {
    "2026-11-24T20:11:36.042Z".parse().unwrap()
}

/// An archive in a folder of its own.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    _folder: tempfile::TempDir,
}

impl File {
    /// A place for an archive.
    pub(crate) fn place() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { path: folder.path().join("siskin.jsonl.zst"), _folder: folder }
    }

    /// An archive of a store.
    pub(crate) async fn of(store: &dyn Store) -> Self {
        let file = Self::place();
        let (draft, part) = Draft::create(&file.path, false).unwrap();
        let (part, _) = export(store, part, now(), &mut ()).await.unwrap();
        draft.publish(part).unwrap();
        file
    }

    /// A file with these lines in zstd.
    pub(crate) fn with(lines: &[String]) -> Self {
        Self::holding(&zstd::encode_all(lines.concat().as_bytes(), 1).unwrap())
    }

    /// A file with these bytes.
    pub(crate) fn holding(bytes: &[u8]) -> Self {
        let file = Self::place();
        std::fs::write(&file.path, bytes).unwrap();
        file
    }

    /// The archive's lines, line feeds included.
    pub(crate) fn lines(&self) -> Vec<String> {
        let bytes = zstd::decode_all(std::fs::File::open(&self.path).unwrap()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        text.split_inclusive('\n').map(ToOwned::to_owned).collect()
    }

    /// Reads it from end to end.
    pub(crate) async fn check(&self) -> Result<Checked, ArchiveError> {
        check(&self.path, &mut ()).await
    }
}

/// Checks an archive and brings it into a store.
pub(crate) async fn bring(path: &Path, store: &dyn Store) -> Result<Imported, ArchiveError> {
    let archive = check(path, &mut ()).await?;
    import(store, &archive, &mut ()).await
}
