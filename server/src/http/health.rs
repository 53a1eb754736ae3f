//! `GET /livez` and `GET /readyz`, for load balancers and operators.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use tokio::sync::watch;

use crate::application::Services;
use crate::application::readiness::is_ready;

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

/// 200 `ok` if the store can be read and, where nothing else is this server's role, written, and the server is
/// not about to stop; else 503. Whatever is wrong is a line: after `ok`, that nothing can be written.
pub(super) async fn readyz(State(health): State<Health>) -> Response {
    let stopping = *health.stopping.borrow();
    let troubles = health.services.troubles(stopping).await;
    let lines = troubles.iter().flat_map(|trouble| [trouble.sentence(), "\n"]);
    if is_ready(&troubles) {
        ["ok\n"].into_iter().chain(lines).collect::<String>().into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, lines.collect::<String>()).into_response()
    }
}
