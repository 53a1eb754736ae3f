//! The store for several servers: a MongoDB database, reached by the official driver.
//!
//! It makes the same promises as the embedded store and is held to them by the same contract.
//! Every append of this process goes through one task ([`writer`]) that commits what waits in one
//! multi-document transaction ([`transaction`]); what other servers commit is followed by a change
//! stream ([`front`]). The documents are in [`documents`], and are meant to be read in `mongosh`,
//! too. `docs/adr/0008-mongodb-store.md` says why it is as it is.

mod append;
mod archive;
mod beside;
mod coordination;
mod db;
mod documents;
mod effects;
mod error;
mod front;
mod log;
mod maintenance;
mod moderation;
mod posts;
mod projection;
mod proofs;
mod read_models;
mod restoring;
mod sessions;
mod thinning;
mod transaction;
mod turn;
mod vitals;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use siskin_domain::{Position, Recorded, StreamId};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

use self::db::Db;
use self::front::Front;
use self::writer::Writer;
use super::{Append, Appended, EventStore, Published, Read, StoreError};

/// A store in one MongoDB database. Several servers may use it at the same time.
#[derive(Debug)]
pub struct MongoStore {
    db: Arc<Db>,
    front: Arc<Front>,
    writer: Writer,
    follower: Mutex<Option<JoinHandle<()>>>,
}

impl MongoStore {
    /// Connects to `mongodb://HOST/DATABASE`, and makes the collections and indexes that are
    /// missing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], in words for the operator that quote no password, if the
    /// server can't be reached, is not part of a replica set, or the address can't be read.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::over(Db::connect(url).await?).await
    }

    /// The same, for requests that wait for the store for as long as this and not for 3.5 s.
    ///
    /// # Errors
    /// As [`MongoStore::open`].
    pub async fn open_with(url: &str, patience: Duration) -> Result<Self, StoreError> {
        let mut db = Db::connect(url).await?;
        db.patience = patience;
        Self::over(db).await
    }

    async fn over(db: Db) -> Result<Self, StoreError> {
        let db = Arc::new(db);
        let front = Arc::new(Front::at(log::end(&db).await?));
        let writer = Writer::start(Arc::clone(&db), Arc::clone(&front));
        let follower = tokio::spawn(front::follow(Arc::clone(&db), Arc::clone(&front)));
        Ok(Self { db, front, writer, follower: Mutex::new(Some(follower)) })
    }

    /// Ends the follower, and waits until it has: a driver whose runtime goes away while somebody
    /// asks it panics.
    async fn stop_following(&self) {
        let follower = self.follower.lock().take();
        if let Some(follower) = follower {
            follower.abort();
            let _ = follower.await;
        }
    }
}

impl Drop for MongoStore {
    fn drop(&mut self) {
        if let Some(follower) = self.follower.get_mut() {
            follower.abort();
        }
    }
}

#[async_trait]
impl EventStore for MongoStore {
    async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        self.thin_out(&append).await?;
        self.writer.append(append).await
    }

    async fn load(&self, stream: StreamId) -> Result<Vec<Recorded>, StoreError> {
        self.db.patiently(log::load(&self.db, stream)).await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Recorded>, StoreError> {
        self.db.patiently(log::read_all(&self.db, after, limit)).await
    }

    async fn read_each(&self, after: Position, limit: usize) -> Result<Vec<Read>, StoreError> {
        self.db.patiently(log::read_each(&self.db, after, limit)).await
    }

    fn position(&self) -> Position {
        self.front.position()
    }

    fn generation(&self) -> u64 {
        self.front.generation()
    }

    fn subscribe(&self) -> broadcast::Receiver<Published> {
        self.front.subscribe()
    }
}
