//! More requests than the server can take: the excess is refused at once instead of making all of
//! them wait.

use std::sync::{Arc, Weak};

use axum::extract::Request;
use hyper::body::Body as _;
use metrics::Counter;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::api::error::ApiError;

/// How many requests may be in progress for each core. At a fraction of a millisecond each, the
/// last of them waits far less than a client's patience.
const PER_CORE: usize = 256;
/// Bodies come at the pace of the client, so that many more may be on their way.
const WITH_BODY_PER_CORE: usize = 1024;
/// What load balancers ask must be answered then above all.
const ALWAYS: [&str; 2] = ["/livez", "/readyz"];

/// How many requests are in progress. Those with a body have places of their own: whoever sends
/// theirs slowly keeps nobody from reading.
pub(super) struct Gate {
    /// So many places there are in all.
    all: usize,
    without_body: Semaphore,
    with_body: Semaphore,
    overloaded: Counter,
}

/// The gate of this process, for whoever looks from outside: no request counts itself for that.
static HERE: Mutex<Weak<Gate>> = Mutex::new(Weak::new());

/// How many requests are in progress in this process.
pub(crate) fn active() -> usize {
    HERE.lock().upgrade().map_or(0, |gate| gate.active())
}

impl Gate {
    /// As many as this machine can take.
    pub(super) fn for_this_machine() -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let gate = Arc::new(Self::new(PER_CORE * cores, WITH_BODY_PER_CORE * cores));
        *HERE.lock() = Arc::downgrade(&gate);
        gate
    }

    fn new(without_body: usize, with_body: usize) -> Self {
        Self {
            all: without_body + with_body,
            without_body: Semaphore::new(without_body),
            with_body: Semaphore::new(with_body),
            overloaded: metrics::counter!("http_server_overloaded_total"),
        }
    }

    /// A place for a request, given back when dropped; what is always answered needs none.
    ///
    /// # Errors
    /// The answer to a request that there is no place for.
    pub(super) fn enter(&self, request: &Request) -> Result<Option<SemaphorePermit<'_>>, ApiError> {
        if ALWAYS.contains(&request.uri().path()) {
            return Ok(None);
        }
        let no_body = request.body().is_end_stream();
        let places = if no_body { &self.without_body } else { &self.with_body };
        let Ok(place) = places.try_acquire() else {
            self.overloaded.increment(1);
            return Err(ApiError::overloaded());
        };
        Ok(Some(place))
    }

    fn active(&self) -> usize {
        self.all - self.without_body.available_permits() - self.with_body.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::response::Response;
    use axum::routing::{get, post};
    use http::{StatusCode, header};
    use tokio::sync::Notify;
    use tower::ServiceExt as _;

    async fn ask(router: &Router, method: &str, path: &str, body: &'static str) -> Response {
        let request = Request::builder().method(method).uri(path).body(Body::from(body));
        router.clone().oneshot(request.unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn the_excess_is_503_at_once_and_health_and_the_others_go_on() {
        let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let gate = Arc::new(Gate::new(1, 1));
        let seen = Arc::clone(&gate);
        let wait = {
            let (entered, leave) = (entered.clone(), leave.clone());
            move || async move {
                entered.notify_one();
                leave.notified().await;
            }
        };
        let router = Router::new()
            .route("/slow", get(wait))
            .route("/", get(|| async {}))
            .route("/said", post(|| async {}))
            .route("/livez", get(|| async {}))
            .layer(from_fn(move |request, next| {
                crate::http::front::pass(Arc::clone(&gate), false, request, next)
            }));
        let slow = tokio::spawn({
            let router = router.clone();
            async move { ask(&router, "GET", "/slow", "").await.status() }
        });
        entered.notified().await;
        assert_eq!(seen.active(), 1);
        let refused = ask(&router, "GET", "/", "").await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
        assert_eq!(ask(&router, "GET", "/livez", "").await.status(), StatusCode::OK);
        assert_eq!(ask(&router, "POST", "/said", "x").await.status(), StatusCode::OK);
        leave.notify_one();
        assert_eq!(slow.await.unwrap(), StatusCode::OK);
        assert_eq!(seen.active(), 0);
        assert_eq!(ask(&router, "GET", "/", "").await.status(), StatusCode::OK);
    }
}
