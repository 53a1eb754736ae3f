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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use http::StatusCode;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use crate::http::observe;

    #[tokio::test]
    async fn an_answer_to_what_panicked_says_which_request_it_was() {
        async fn panics() {
            panic!("on purpose");
        }
        let gate = Gate::for_this_machine(Arc::default());
        let router = Router::new()
            .route("/", get(panics))
            .layer(CatchPanicLayer::custom(observe::panicked))
            .layer(from_fn(move |request, next| pass(Arc::clone(&gate), false, request, next)));
        let request = Request::builder().uri("/").header("x-request-id", "which");
        let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["x-request-id"], "which");
    }
}
