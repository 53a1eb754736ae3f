//! More requests than the server can take: the excess is refused at once instead of making all of
//! them wait.

use std::sync::{Arc, Weak};

use axum::extract::Request;
use hyper::body::Body as _;
use metrics::Counter;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::api::error::ApiError;
use super::client;
use super::places::{Full, Place, Places};
use crate::application::Rules;
use crate::application::throttle::customer;

/// How many requests may be in progress for each core. At a fraction of a millisecond each, the
/// last of them waits far less than a client's patience.
const PER_CORE: usize = 256;
/// Bodies come at the pace of the client, so that many more may be on their way.
const WITH_BODY_PER_CORE: usize = 1024;
/// One address has so many parts of the places of requests with a body at most: whoever opens all
/// that HTTP/2 gives them and sends nothing keeps nobody from writing.
const OF_ONE_ADDRESS: usize = 8;
/// What load balancers ask must be answered then above all.
const ALWAYS: [&str; 2] = ["/livez", "/readyz"];

/// How many requests are in progress. Those with a body have places of their own: whoever sends
/// theirs slowly keeps nobody from reading.
pub(super) struct Gate {
    all_without_body: usize,
    all_with_body: usize,
    without_body: Semaphore,
    with_body: Places,
    rules: Arc<Rules>,
    overloaded: Counter,
}

/// A place of a request, given back when dropped.
pub(super) enum Entered<'a> {
    /// What is always answered needs none.
    Always,
    /// One without a body.
    Reading { _place: SemaphorePermit<'a> },
    /// One with a body.
    Sending { _place: Place },
}

/// The gate of this process, for whoever looks from outside: no request counts itself for that.
static HERE: Mutex<Weak<Gate>> = Mutex::new(Weak::new());

/// How many requests are in progress in this process.
pub(crate) fn active() -> usize {
    HERE.lock().upgrade().map_or(0, |gate| gate.active())
}

impl Gate {
    /// As many as this machine can take.
    pub(super) fn for_this_machine(rules: Arc<Rules>) -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let gate = Arc::new(Self::new(PER_CORE * cores, WITH_BODY_PER_CORE * cores, rules));
        *HERE.lock() = Arc::downgrade(&gate);
        gate
    }

    fn new(without_body: usize, with_body: usize, rules: Arc<Rules>) -> Self {
        Self {
            all_without_body: without_body,
            all_with_body: with_body,
            without_body: Semaphore::new(without_body),
            with_body: Places::new(with_body, metrics::Gauge::noop()),
            rules,
            overloaded: metrics::counter!("http_server_overloaded_total"),
        }
    }

    /// A place for a request.
    ///
    /// # Errors
    /// The answer to a request that there is no place for.
    pub(super) fn enter(&self, request: &Request) -> Result<Entered<'_>, ApiError> {
        if ALWAYS.contains(&request.uri().path()) {
            return Ok(Entered::Always);
        }
        let entered = if request.body().is_end_stream() {
            self.without_body.try_acquire().ok().map(|place| Entered::Reading { _place: place })
        } else {
            self.place_to_send(request).ok().map(|place| Entered::Sending { _place: place })
        };
        entered.ok_or_else(|| {
            self.overloaded.increment(1);
            ApiError::overloaded()
        })
    }

    /// This machine itself may be a proxy that nobody declared, and brings everybody.
    fn place_to_send(&self, request: &Request) -> Result<Place, Full> {
        let from = client::behind(request.extensions(), request.headers(), &self.rules);
        let limited = self.rules.throttle && !from.is_loopback() && !from.is_unspecified();
        let most = (self.all_with_body / OF_ONE_ADDRESS).max(1);
        self.with_body.take(customer(from), limited.then_some(most))
    }

    fn active(&self) -> usize {
        self.all_without_body - self.without_body.available_permits() + self.with_body.taken()
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

    #[test]
    fn one_address_has_a_part_of_the_places_to_send() {
        let gate = Gate::new(1, 32, Arc::new(Rules { throttle: true, ..Rules::default() }));
        let enter = |from: &str| {
            let peer = std::net::SocketAddr::new(from.parse().unwrap(), 1);
            let mut request = Request::post("/tweets").body(Body::from("x")).unwrap();
            request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
            gate.enter(&request)
        };
        // Others of the same /64 are the same customer.
        let greedy = ["2001:db8::1", "2001:db8::2", "2001:db8::1", "2001:db8::3"];
        let kept: Vec<_> = greedy.into_iter().map(|from| enter(from).ok().unwrap()).collect();
        assert!(enter("2001:db8::4").is_err());
        assert!(enter("192.0.2.1").is_ok() && enter("2001:db8:0:1::1").is_ok());
        // Whoever may speak for everybody has all of them.
        let all: Vec<_> = (0..28).map(|_| enter("127.0.0.1").ok().unwrap()).collect();
        assert!(enter("127.0.0.1").is_err());
        drop((kept, all));
        assert_eq!(gate.active(), 0);
    }

    #[tokio::test]
    async fn the_excess_is_503_at_once_and_health_and_the_others_go_on() {
        let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let gate = Arc::new(Gate::new(1, 1, Arc::default()));
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
