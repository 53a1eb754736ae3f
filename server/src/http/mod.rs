//! HTTP: the whole table of addresses, and what every answer has in common.

pub mod api;
pub mod csrf;
pub mod state;

use axum::Router;
use tokio::sync::watch;

use crate::application::Services;
use state::HttpState;

/// Everything that Siskin answers, as `main` serves it and tests use it.
///
/// `stopping` turns true when the server is to stop: streams end then.
pub fn router(services: Services, stopping: watch::Receiver<bool>) -> Router {
    let api = api::router(HttpState::new(services, stopping));
    Router::new()
        .route_service("/api", api.clone())
        .route_service("/api/", api.clone())
        .route_service("/api/{*rest}", api)
}
