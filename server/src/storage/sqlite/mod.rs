//! The embedded store: one SQLite file beside the server.
//!
//! One thread writes ([`writer`]), a few connections read ([`readers`]), and every commit is on
//! disk before it is acknowledged (`docs/adr/0002-sqlite-writer-thread-and-group-commit.md`).
//! The tables are in `migrations/`, and are meant to be read by people, too.

mod append;
mod archive;
mod beside;
mod chores;
mod connection;
mod coordination;
mod damage;
mod effects;
mod log;
mod maintenance;
mod migrations;
mod moderation;
mod projection;
mod proofs;
mod read_models;
mod readers;
mod relays;
mod reshape;
mod rows;
mod sessions;
pub mod snapshot;
mod vitals;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use siskin_domain::{Position, Recorded, StreamId};
use tokio::sync::broadcast;

pub use connection::SqliteOptions;

use self::readers::Readers;
use self::writer::Writer;
use super::buckets::Buckets;
use super::failures::Trouble;
use super::{Append, Appended, EventStore, Published, Read, StoreError};

/// A store in one SQLite file. Several processes may have the same file open.
#[derive(Debug)]
pub struct SqliteStore {
    options: SqliteOptions,
    writer: Writer,
    readers: Arc<Readers>,
    trouble: Arc<Trouble>,
    /// The file was not closed the last time, or another process has it open.
    unclean: bool,
    buckets: Buckets,
}

impl SqliteStore {
    /// Opens a file with the usual settings, or makes it; its folder must exist.
    ///
    /// # Errors
    /// As [`SqliteStore::open_with`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(SqliteOptions::new(path))
    }

    /// Opens a file and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a file that a newer version made or that is none of ours;
    /// [`StoreError::Damaged`] for one that is broken;
    /// [`StoreError::Unavailable`] if it can't be opened.
    pub fn open_with(options: SqliteOptions) -> Result<Self, StoreError> {
        let unclean = options.has_log();
        let mut conn = options.writer()?;
        migrations::migrate(&mut conn)?;
        let trouble = Arc::<Trouble>::default();
        let writer = Writer::start(options.clone(), conn, Arc::clone(&trouble))?;
        let readers = Readers::new(options.clone(), Arc::clone(&trouble));
        Ok(Self { options, writer, readers, trouble, unclean, buckets: Buckets::default() })
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        self.writer.append(append).await
    }

    async fn load(&self, stream: StreamId) -> Result<Vec<Recorded>, StoreError> {
        self.readers.read(move |conn| log::load(conn, stream)).await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Recorded>, StoreError> {
        self.readers.read(move |conn| log::read_all(conn, after, limit)).await
    }

    async fn read_each(&self, after: Position, limit: usize) -> Result<Vec<Read>, StoreError> {
        self.readers.read(move |conn| log::read_each(conn, after, limit)).await
    }

    fn position(&self) -> Position {
        self.writer.news.position()
    }

    fn generation(&self) -> u64 {
        self.writer.news.generation()
    }

    fn subscribe(&self) -> broadcast::Receiver<Published> {
        self.writer.news.subscribe()
    }
}
