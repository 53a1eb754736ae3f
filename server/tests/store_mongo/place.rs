//! A database of its own, and what tests do with it.

use std::sync::Arc;
use std::time::Duration;

use ::mongodb::bson::{Document, doc};
use ::mongodb::{Client, Database};
use futures::TryStreamExt as _;
use siskin_server::storage::MongoStore;
use siskin_server::storage::contract::scene::Scene;

/// How long requests wait for the store: what is promised of their outcome is promised on a slow
/// machine, too, where 64 at once may take longer than the usual 3.5 s.
pub(crate) const PATIENT: Duration = Duration::from_secs(60);

/// A scene on the database, whose ids begin where `first` says.
pub(crate) async fn scene(url: &str, first: u64) -> Scene {
    scene_on(MongoStore::open_with(url, PATIENT).await.unwrap(), first)
}

/// The same with the patience that requests usually have.
pub(crate) async fn usual_scene(url: &str, first: u64) -> Scene {
    scene_on(MongoStore::open(url).await.unwrap(), first)
}

fn scene_on(store: MongoStore, first: u64) -> Scene {
    let scene = Scene::new(Arc::new(store));
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
