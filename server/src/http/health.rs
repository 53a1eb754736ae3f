//! `GET /livez` and `GET /readyz`, for load balancers and operators.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use tokio::sync::watch;

use crate::application::Services;

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
}

/// The process answers.
pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// The store can be read and, where that is this server's role, written, and the server is not about to stop.
/// Otherwise a reason on each line.
pub(super) async fn readyz(State(health): State<Health>) -> Response {
    let stopping = *health.stopping.borrow();
    let reasons = health.services.unready(stopping).await;
    if reasons.is_empty() {
        return "ok\n".into_response();
    }
    let lines: String = reasons.iter().flat_map(|reason| [reason.sentence(), "\n"]).collect();
    (StatusCode::SERVICE_UNAVAILABLE, lines).into_response()
}
