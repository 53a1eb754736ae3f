//! Where a fact's data are. The same facts are compiled into two programs: `http` tells them of an
//! SQLite file, `http_mongodb` of a MongoDB database.

use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt as _;
use siskin_server::storage::{MongoStore, SqliteStore, Store};

use crate::mongodb::database;

/// How long a request waits for a database: facts about HTTP are no facts about a slow machine.
const PATIENT: Duration = Duration::from_secs(60);

/// A place for a store.
pub(crate) enum Place {
    /// The SQLite file in this folder.
    Folder(tempfile::TempDir),
    /// The database at this address.
    Database(String),
}

impl Place {
    /// A new, empty place of this program's kind.
    pub(crate) fn new() -> Self {
        match env!("CARGO_CRATE_NAME") {
            "http_mongodb" => Self::Database(database()),
            _ => Self::Folder(tempfile::tempdir().unwrap()),
        }
    }

    /// Opens a store at it.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Folder(folder) => {
                Arc::new(SqliteStore::open(&folder.path().join("siskin.db")).unwrap())
            }
            Self::Database(url) => Arc::new(MongoStore::open_with(url, PATIENT).await.unwrap()),
        }
    }

    /// All that is kept at it: the bytes of its files, or of its documents.
    pub(crate) async fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Folder(folder) => {
                let files = std::fs::read_dir(folder.path()).unwrap();
                let files = files.map(|file| file.unwrap().path());
                // Reading alone changes the index of the write-ahead log, which holds no data.
                let files = files.filter(|path| path.extension() != Some("db-shm".as_ref()));
                files.flat_map(|path| std::fs::read(path).unwrap()).collect()
            }
            Self::Database(url) => {
                let client = ::mongodb::Client::with_uri_str(url).await.unwrap();
                let database = client.default_database().unwrap();
                let mut bytes = Vec::new();
                for name in database.list_collection_names().await.unwrap() {
                    let collection = database.collection::<::mongodb::bson::Document>(&name);
                    // What a health check writes says nothing.
                    let all = ::mongodb::bson::doc! { "_id": { "$ne": "ping" } };
                    let mut all = collection.find(all).await.unwrap();
                    while let Some(document) = all.try_next().await.unwrap() {
                        bytes.extend(::mongodb::bson::serialize_to_vec(&document).unwrap());
                    }
                }
                bytes
            }
        }
    }
}
