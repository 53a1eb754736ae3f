//! What every request for a page and every form meets: the server's role, and the log's position.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{PageState, forms, render};
use crate::http::is_read;
use crate::http::position::Visit;
use crate::http::role::Elsewhere;

/// Passes a request on to the table of addresses.
pub(super) async fn pass(State(state): State<PageState>, request: Request, next: Next) -> Response {
    let (services, method) = (&state.services, request.method());
    if let Some(elsewhere) = Elsewhere::of(&services.rules, method, request.uri())
        && render::root_file(&request).is_none()
    {
        let error = elsewhere.error().clone();
        let response = if !is_read(method) {
            forms::elsewhere::refuse(&state, request, error).await
        } else if forms::wants_json(request.headers()) {
            error.into_response()
        } else if services.rules.role.reads() {
            render::plain("This server takes no changes, so it can't log you in.")
        } else {
            render::plain("This server takes changes only; pages are at another one.")
        };
        return elsewhere.locate(response);
    }
    // A person did not write the header: what is no position counts as none.
    let visit = Visit::of(&request, &services.rules).unwrap_or_default();
    visit.wait(services).await;
    let mut response = next.run(request).await;
    visit.tell(services, &mut response);
    response
}
