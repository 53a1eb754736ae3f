//! The SQLite store keeps the storage contract, and what it promises about its file.

#![expect(clippy::unwrap_used, reason = "tests")]

mod failing;
mod file;
mod forgetting;
mod nodes;
mod others;
mod place;
mod reshape;

use std::sync::Arc;

use siskin_server::storage::SqliteStore;
use siskin_server::storage::contract::Empty;

siskin_server::store_contract!(empty_store);

async fn empty_store() -> Empty {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("siskin.db")).unwrap());
    Empty { store, keep: Box::new(folder) }
}
