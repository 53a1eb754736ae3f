//! Looks every few seconds at what can't be counted where it happens.

use std::time::Duration;

use tokio::sync::watch;

use super::Metrics;
use crate::application::Services;
use crate::application::readiness::{Trouble, is_ready};
use crate::http::overload;
use crate::storage::Vitals;

/// How often. Alerts wait longer.
const EVERY: Duration = Duration::from_secs(5);

/// Looks until `stopping` turns true.
pub fn start(metrics: Metrics, services: Services, mut stopping: watch::Receiver<bool>) {
    let store = services.store.clone();
    metrics.look(move || {
        metrics::gauge!("siskin_store_position").set(store.position().0 as f64);
        metrics::gauge!("http_server_active_requests").set(overload::active() as f64);
    });
    tokio::spawn(async move {
        loop {
            look(&services).await;
            metrics.tidy();
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = stopping.wait_for(|stop| *stop) => break,
            }
        }
        metrics::gauge!("siskin_ready").set(0.0);
    });
}

async fn look(services: &Services) {
    let troubles = services.troubles(false).await;
    let number = |yes: bool| if yes { 1.0 } else { 0.0 };
    metrics::gauge!("siskin_ready").set(number(is_ready(&troubles)));
    let up = !troubles.iter().copied().any(Trouble::is_store_down);
    metrics::gauge!("siskin_store_up").set(number(up));
    // A store that does not answer has said so above.
    if let Ok(vitals) = services.store.vitals().await {
        show(&vitals);
    }
}

fn show(vitals: &Vitals) {
    let sizes = [
        ("siskin_store_size_bytes", vitals.size_bytes),
        ("siskin_store_wal_bytes", vitals.wal_bytes),
        ("siskin_store_disk_free_bytes", vitals.disk_free_bytes),
    ];
    for (name, size) in sizes {
        if let Some(size) = size {
            metrics::gauge!(name).set(size as f64);
        }
    }
    for following in &vitals.projections {
        metrics::gauge!("siskin_projection_lag_events", "projection" => following.projection)
            .set(following.behind as f64);
    }
}
