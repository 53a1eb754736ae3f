//! Logs on standard output, and Prometheus metrics on a listener of their own.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::config::{LogFilter, LogFormat};
use crate::http::serve;

/// Upper bounds of the request duration histogram, in seconds.
const BUCKETS: [f64; 12] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Sends log lines to standard output from now on.
pub fn init_logs(filter: &LogFilter, format: LogFormat) {
    let filter = EnvFilter::new(&filter.0);
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    match format {
        LogFormat::Text => lines.with_target(false).with_ansi(false).init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).init(),
    }
}

/// Collects metrics from now on.
///
/// # Errors
/// If something else collects them already.
pub fn init_metrics() -> Result<PrometheusHandle, String> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("duration_seconds".to_owned()), &BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| format!("can't collect metrics: {error}"))
}

/// Serves `GET /metrics` until `stop` turns true.
///
/// # Errors
/// If the address can't be listened on.
pub async fn serve_metrics(
    addr: SocketAddr,
    handle: PrometheusHandle,
    stop: watch::Receiver<bool>,
) -> Result<SocketAddr, String> {
    let listener = TcpListener::bind(addr)
        .await
        .map_err(|error| format!("SISKIN_METRICS_ADDR: can't listen on {addr}: {error}"))?;
    let bound = listener.local_addr().map_err(|error| error.to_string())?;
    let text = move || {
        let handle = handle.clone();
        async move {
            handle.run_upkeep();
            (
                [(http::header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
                handle.render(),
            )
        }
    };
    let router = Router::new().route("/metrics", get(text));
    let limits = serve::Limits::default();
    tokio::spawn(serve::serve(listener, None, router, stop, limits));
    Ok(bound)
}
