//! Prometheus metrics, on a listener of their own.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::names;
use super::process::Process;
use super::runtime::Runtime;
use crate::http::serve;
use crate::version;

/// Upper bounds of requests' durations, in seconds. Each is a series for every route, method and
/// status, so there are few.
const REQUESTS: [f64; 7] = [0.000_25, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5];
/// Upper bounds of what the store and the disk take.
const STORE: [f64; 7] = [0.000_1, 0.000_5, 0.002_5, 0.01, 0.05, 0.25, 1.0];
/// Upper bounds of what hashing takes.
const HASHING: [f64; 6] = [0.025, 0.05, 0.1, 0.5, 1.0, 5.0];
/// Upper bounds of how many writes share a commit.
const BATCHES: [f64; 6] = [1.0, 4.0, 16.0, 64.0, 128.0, 256.0];

/// Something to look up when somebody scrapes; it must cost next to nothing.
type Look = Box<dyn Fn() + Send>;

/// The metrics of this process. Clones are the same.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    looks: Arc<Mutex<Vec<Look>>>,
    process: Arc<Process>,
}

impl Metrics {
    /// Collects metrics from now on.
    ///
    /// # Errors
    /// If something else collects them already.
    pub fn init() -> Result<Self, String> {
        let exact = |name: &str| Matcher::Full(name.to_owned());
        let buckets: [(Matcher, &[f64]); 5] = [
            (exact("http_server_request_duration_seconds"), &REQUESTS),
            (exact("siskin_store_operation_duration_seconds"), &STORE),
            (exact("siskin_store_commit_duration_seconds"), &STORE),
            (exact("siskin_hashing_duration_seconds"), &HASHING),
            (exact("siskin_store_batch_commands"), &BATCHES),
        ];
        let mut builder = PrometheusBuilder::new();
        let failed = |error| format!("can't collect metrics: {error}");
        for (name, bounds) in buckets {
            builder = builder.set_buckets_for_metric(name, bounds).map_err(failed)?;
        }
        let handle = builder.install_recorder().map_err(failed)?;
        names::describe();
        metrics::gauge!(
            "siskin_build_info", "version" => version::VERSION, "commit" => version::COMMIT
        )
        .set(1.0);
        Ok(Self { handle, looks: Arc::default(), process: Arc::new(Process::find()) })
    }

    /// Has something looked up whenever somebody scrapes.
    pub fn look(&self, look: impl Fn() + Send + 'static) {
        self.looks.lock().push(Box::new(look));
    }

    /// Has the runtime looked at that this is called in.
    pub fn look_at_runtime(&self) {
        self.look(Runtime::here().into_look());
    }

    /// All of them, as Prometheus reads them.
    #[must_use]
    pub fn render(&self) -> String {
        self.looks.lock().iter().for_each(|look| look());
        self.handle.run_upkeep();
        let mut text = self.handle.render();
        self.process.render(&mut text);
        text
    }

    /// Sorts what was recorded since the last time. Until then it is kept value by value, so it
    /// must be done every few seconds, whether somebody scrapes or not.
    pub fn tidy(&self) {
        self.handle.run_upkeep();
    }

    /// Serves `GET /metrics` until `stop` turns true.
    ///
    /// # Errors
    /// If the address can't be listened on.
    pub async fn serve(
        &self,
        addr: SocketAddr,
        stop: watch::Receiver<bool>,
    ) -> Result<SocketAddr, String> {
        let listener = TcpListener::bind(addr)
            .await
            .map_err(|error| format!("SISKIN_METRICS_ADDR: can't listen on {addr}: {error}"))?;
        let bound = listener.local_addr().map_err(|error| error.to_string())?;
        let metrics = self.clone();
        let text = move || {
            let text = metrics.render();
            let kind = (http::header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
            async move { ([kind], text) }
        };
        let router = Router::new().route("/metrics", get(text));
        let limits = serve::Limits { counted: false, ..serve::Limits::default() };
        tokio::spawn(serve::serve(listener, None, router, stop, limits));
        Ok(bound)
    }
}
