//! What every request meets first and every answer last: it is named, measured, bounded, let in, and secured.
//! One function, since each layer of a router costs every request a little.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::observe::Measured;
use super::overload::Gate;
use super::{bounds, headers};
use crate::telemetry::request;

/// Passes a request on if there is a place for it, which it has until its answer begins: an open
/// stream has none.
pub(super) async fn pass(gate: Arc<Gate>, https: bool, request: Request, next: Next) -> Response {
    let measured = Measured::begin(&request);
    let mut response = match bounds::check(&request).and_then(|()| gate.enter(&request)) {
        Ok(_place) => {
            let Measured { ids, method, ref route, .. } = measured;
            request::during(ids, method, route.clone(), next.run(request)).await
        }
        Err(refused) => refused.into_response(),
    };
    headers::secure(https, response.headers_mut());
    measured.end(&mut response);
    response
}
