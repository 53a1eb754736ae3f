//! `GET /livez` and `GET /readyz`, for load balancers and operators.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use tokio::sync::watch;

use crate::application::Services;
use crate::storage::StoreError;

/// What readiness depends on.
#[derive(Clone)]
pub(super) struct Health {
    services: Services,
    stopping: watch::Receiver<bool>,
}

impl Health {
    pub(super) fn new(services: Services, stopping: watch::Receiver<bool>) -> Self {
        Self { services, stopping }
    }

    /// A server that must not write does not even try whether it could.
    async fn ping(&self) -> Result<(), StoreError> {
        let store = &self.services.store;
        if self.services.rules.role.writes() {
            store.ping().await
        } else {
            store.read_all(store.position(), 1).await.map(drop)
        }
    }
}

/// The process answers.
pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// The store can be read and, where that is this server's role, written, and the server is not about to stop.
pub(super) async fn readyz(State(health): State<Health>) -> Response {
    if *health.stopping.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    match health.ping().await {
        Ok(()) => "ok\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the store is unavailable\n").into_response()
        }
    }
}
