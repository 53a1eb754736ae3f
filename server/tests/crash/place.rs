//! A folder on a disk that can be made to fail, and what must be true of it in the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use siskin_domain::Event;
use siskin_domain::tweet::TweetEvent;
use siskin_server::storage::SqliteStore;
use siskin_server::storage::contract::scene::Scene;

use crate::disk::Disk;
use crate::load::{Told, client};
use crate::log;
use crate::server::Server;

/// The folder and its disk. Both go when it is dropped.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    pub(crate) disk: Disk,
}

impl Place {
    /// A new folder on a sound disk.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { disk: Disk::under(folder.path()), folder }
    }

    /// The same; what has reached the disk is followed.
    pub(crate) fn shadowed() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { disk: Disk::shadowed(folder.path()), folder }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A server on it.
    pub(crate) fn start(&self) -> Server {
        self.start_with(&[])
    }

    /// The same, with more in its environment.
    pub(crate) fn start_with(&self, more: &[(&str, &str)]) -> Server {
        Server::start_with(self.path(), &[&self.disk.environment(), more].concat())
    }

    /// The database in it.
    pub(crate) fn database(&self) -> PathBuf {
        self.path().join("siskin.db")
    }

    /// Fails unless the store is sound, holds what was acknowledged once, and nothing of what was
    /// refused. Nothing may use it any more.
    pub(crate) async fn check(&self, told: &Told) {
        check(&self.database(), told).await;
    }
}

/// The same of any database.
pub(crate) async fn check(database: &Path, told: &Told) {
    whole(database);
    let store = Arc::new(SqliteStore::open(database).unwrap());
    log::check_store(store.clone(), told).await;
    for recorded in Scene::new(store).log().await {
        if let Event::Tweet(TweetEvent::Posted { body: Some(body), .. }) = &recorded.event {
            assert!(!told.refused.contains(body.as_str()), "{body:?} was refused and is there");
        }
    }
}

/// Fails unless SQLite finds all pages, indexes and rows in order.
pub(crate) fn whole(database: &Path) {
    let database = rusqlite::Connection::open(database).unwrap();
    let found = database.query_row("PRAGMA integrity_check", (), |row| row.get::<_, String>(0));
    assert_eq!(found.unwrap(), "ok");
}

/// Asks for a page or a list.
pub(crate) async fn get(server: &Server, path: &str) -> Response {
    client().get(format!("{}{path}", server.url)).send().await.unwrap()
}

/// What `/readyz` says, status and all.
pub(crate) async fn ready(server: &Server) -> (u16, String) {
    let answer = get(server, "/readyz").await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// What `/readyz` says when nothing is wrong.
pub(crate) fn well() -> (u16, String) {
    (200, "ok\n".to_owned())
}

/// Tweets.
pub(crate) async fn post(server: &Server, token: &str, body: &str) -> Response {
    let request = client().post(format!("{}/api/v2/tweets", server.url)).bearer_auth(token);
    request.json(&json!({ "body": body })).send().await.unwrap()
}

/// Tweets, which must succeed; the id.
pub(crate) async fn tweet(server: &Server, token: &str, body: &str) -> u64 {
    let answer = post(server, token, body).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let answer: Value = answer.json().await.unwrap();
    answer["tweet"]["id"].as_u64().unwrap()
}
