//! Debian's Alertmanager with the configuration of `deploy/monitoring/alertmanager.yml`, whose
//! mails and calls come to the test.

use std::collections::BTreeSet;
use std::process::Child;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::routing::post;
use parking_lot::Mutex;
use serde_json::Value;

use crate::mailbox::Mailbox;
use crate::prometheus::{Firing, listening, read};

/// What was called in: the names of alerts, with their servers.
type Called = Arc<Mutex<BTreeSet<Firing>>>;

/// A running Alertmanager; it ends when it is dropped.
pub(crate) struct Alertmanager {
    child: Child,
    /// Where it listens.
    pub(crate) port: u16,
    called: Called,
    mailbox: Mailbox,
    _folder: tempfile::TempDir,
}

impl Alertmanager {
    /// Starts it.
    pub(crate) async fn start() -> Self {
        let (folder, mailbox, called) =
            (tempfile::tempdir().unwrap(), Mailbox::start(), Called::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hook = listener.local_addr().unwrap();
        let router = axum::Router::new().route("/", post(call)).with_state(Arc::clone(&called));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let mut config = read("../alertmanager.yml");
        for (there, here) in [
            ("127.0.0.1:25", format!("127.0.0.1:{}", mailbox.port)),
            ("127.0.0.1:9095", hook.to_string()),
        ] {
            assert!(config.contains(there), "alertmanager.yml says {there}");
            config = config.replace(there, &here);
        }
        let file = folder.path().join("alertmanager.yml");
        std::fs::write(&file, config).unwrap();
        let (child, port) = listening("prometheus-alertmanager", folder.path(), |port| {
            vec![
                format!("--config.file={}", file.display()),
                format!("--storage.path={}", folder.path().join("data").display()),
                format!("--web.listen-address=127.0.0.1:{port}"),
                "--cluster.listen-address=".to_owned(),
            ]
        })
        .await;
        Self { child, port, called, mailbox, _folder: folder }
    }

    /// Which alerts whoever is on call was told.
    pub(crate) fn called(&self) -> BTreeSet<Firing> {
        self.called.lock().clone()
    }

    /// The subjects of all mails, with their recipients.
    pub(crate) fn mails(&self) -> Vec<(String, String)> {
        let mails = self.mailbox.mails().into_iter();
        mails.map(|mail| (mail.recipients.join(", "), mail.subject)).collect()
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn call(State(called): State<Called>, Json(body): Json<Value>) {
    for alert in body["alerts"].as_array().unwrap() {
        let label = |name: &str| alert["labels"][name].as_str().unwrap_or_default().to_owned();
        called.lock().insert((label("alertname"), label("instance")));
    }
}
