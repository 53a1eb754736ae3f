//! Debian's Alertmanager with the configuration of `deploy/monitoring/alertmanager.yml`, whose
//! mails and calls come to the test.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::routing::post;
use parking_lot::Mutex;
use serde_json::Value;

use crate::mailbox::Mailbox;
use crate::prometheus::{Firing, free_port, read, tool};

/// What was called in: the names of alerts, with their servers.
type Called = Arc<Mutex<BTreeSet<Firing>>>;

/// How long it may take to start.
const START: Duration = Duration::from_secs(30);

/// Starts the process and waits until it listens: until then its port is anybody's, and somebody
/// else may have been faster.
async fn listening(folder: &Path, config: &Path) -> (Child, u16) {
    for _ in 0..5 {
        let port = free_port();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let mut child = tool("prometheus-alertmanager")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("Alertmanager is there: run `tools/setup.sh monitoring`");
        let url = format!("http://127.0.0.1:{port}/-/ready");
        let deadline = Instant::now() + START;
        while child.try_wait().unwrap().is_none() {
            if reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
                return (child, port);
            }
            assert!(Instant::now() < deadline, "Alertmanager is not ready in time");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    panic!("Alertmanager ends at once: {}", std::fs::read_to_string(folder.join("log")).unwrap());
}

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
        let (child, port) = listening(folder.path(), &file).await;
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
