//! A server of ours in this process, on a database that it reaches through a proxy.

use std::net::SocketAddr;
use std::sync::Arc;

use siskin_server::application::{OsEntropy, Rules, Services, SystemClock};
use siskin_server::storage::MongoStore;
use tokio::sync::watch;

use crate::load::client;

pub(crate) struct App {
    pub(crate) url: String,
    _stop: watch::Sender<bool>,
    server: tokio::task::JoinHandle<()>,
}

impl App {
    /// Starts one on a database.
    pub(crate) async fn on(database: &str) -> Self {
        let store = Arc::new(MongoStore::open(database).await.unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let rules = Rules { throttle: false, ..Rules::default() };
        let services = Services::new(store, rules, Arc::new(SystemClock), Arc::new(OsEntropy));
        let (stop, stopping) = watch::channel(false);
        let router = siskin_server::http::router(services, stopping);
        let make = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, make).await.unwrap() });
        Self { url, _stop: stop, server }
    }

    /// The status of `/readyz`.
    pub(crate) async fn ready(&self) -> u16 {
        let answer = client().get(format!("{}/readyz", self.url)).send().await.unwrap();
        answer.status().as_u16()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.server.abort();
    }
}
