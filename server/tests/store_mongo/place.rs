//! A database of its own, and what tests do with it.

use std::sync::Arc;

use ::mongodb::bson::{Document, doc};
use ::mongodb::{Client, Database};
use futures::TryStreamExt as _;
use siskin_server::storage::MongoStore;
use siskin_server::storage::contract::scene::Scene;

/// A scene on the database, whose ids begin where `first` says.
pub(crate) async fn scene(url: &str, first: u64) -> Scene {
    let scene = Scene::new(Arc::new(MongoStore::open(url).await.unwrap()));
    while scene.number() + 1 < first {}
    scene
}

/// The database behind the store's back.
pub(crate) async fn behind(url: &str) -> Database {
    Client::with_uri_str(url).await.unwrap().default_database().unwrap()
}

/// Every document of every collection, as MongoDB's shell would show it.
pub(crate) async fn dump(database: &Database) -> String {
    let mut text = String::new();
    for name in database.list_collection_names().await.unwrap() {
        let documents = database.collection::<Document>(&name).find(doc! {}).await.unwrap();
        let documents: Vec<Document> = documents.try_collect().await.unwrap();
        for document in documents {
            text.push_str(&format!("{name}: {document}\n"));
        }
    }
    text
}
