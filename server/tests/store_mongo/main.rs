//! The MongoDB store keeps the storage contract, and what it promises about its server.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod deleting;
#[path = "../support/mongodb.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod mongodb;
#[path = "../support/proxy.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod proxy;
#[path = "../support/wait.rs"]
mod wait;

mod late;
mod old_acts;
mod old_sessions;
mod others;
mod place;
mod refused;
mod tampering;

use std::sync::Arc;

use siskin_server::storage::MongoStore;
use siskin_server::storage::contract::Empty;

siskin_server::store_contract!(empty_store);

async fn empty_store() -> Empty {
    let store = MongoStore::open_with(&mongodb::database(), place::PATIENT).await.unwrap();
    Empty { store: Arc::new(store), keep: Box::new(()) }
}
