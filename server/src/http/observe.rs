//! Counts, times and logs requests, and turns a panic into an answer.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use metrics::Histogram;
use parking_lot::Mutex;

use super::api::error::ApiError;
use crate::telemetry::request::{Ids, REQUEST_ID, Seen, UNMATCHED, template};
use crate::telemetry::{logs, traces};

/// A request that is being answered. Labels are templates and codes, never what a stranger typed.
pub(super) struct Measured {
    begun: Instant,
    pub(super) ids: Ids,
    pub(super) method: &'static str,
    pub(super) route: Option<MatchedPath>,
}

impl Measured {
    /// It came.
    pub(super) fn begin(request: &Request) -> Self {
        Self {
            begun: Instant::now(),
            ids: Ids::of(request.headers()),
            method: method_label(request.method()),
            route: request.extensions().get().cloned(),
        }
    }

    /// Its answer is ready.
    pub(super) fn end(self, response: &mut Response) {
        response.headers_mut().insert(REQUEST_ID, self.ids.header());
        // The API has a table of its own and notes there which address it was.
        let inner = response.extensions().get::<MatchedPath>();
        let route = inner.or(self.route.as_ref()).map_or(UNMATCHED, template);
        let seen = Seen { status: response.status().as_u16(), took: self.begun.elapsed() };
        record(self.method, route, &seen);
        logs::answered(&self.ids, self.method, route, &seen);
        traces::answered(&self.ids, self.method, route, &seen);
    }
}

/// What would be one label too many.
const OTHER: &str = "_other";
/// So many routes with method and status are counted apart among the answers that went well, and
/// so many among the others: whoever tries every method at every address must not make series
/// without end, and not use up those of the addresses that work. Each is ten series.
const MOST_GOOD: usize = 95;
const MOST_BAD: usize = 45;

/// The histograms of one route, by method and status.
type OfRoute = HashMap<(&'static str, u16), Histogram>;

thread_local! {
    /// By route. To look one up here costs less than to make its labels anew, and templates are
    /// few.
    static HISTOGRAMS: RefCell<HashMap<String, OfRoute>> = RefCell::default();
}

fn record(method: &'static str, route: &str, seen: &Seen) {
    let (status, seconds) = (seen.status, seen.took.as_secs_f64());
    HISTOGRAMS.with_borrow_mut(|histograms| {
        let known = histograms.get(route).and_then(|of_route| of_route.get(&(method, status)));
        if let Some(histogram) = known {
            return histogram.record(seconds);
        }
        let histogram = admitted(method, route, status);
        histogram.record(seconds);
        histograms.entry(route.to_owned()).or_default().insert((method, status), histogram);
    });
}

/// The histogram of such answers: their own, or that of all others with this status.
fn admitted(method: &'static str, route: &str, status: u16) -> Histogram {
    static ADMITTED: Admitted = Admitted::new();
    // An address without this method is as good as none.
    let refused = status == StatusCode::METHOD_NOT_ALLOWED.as_u16();
    let route = if refused { UNMATCHED } else { route };
    let (method, route) =
        if ADMITTED.admit(method, route, status) { (method, route) } else { (OTHER_METHOD, OTHER) };
    metrics::histogram!(
        "http_server_request_duration_seconds",
        "http_request_method" => method,
        "http_route" => route.to_owned(),
        "http_response_status_code" => status.to_string(),
    )
}

/// Which answers are counted apart, in the whole process: whoever comes first.
struct Admitted {
    good: Group,
    bad: Group,
}

struct Group {
    most: usize,
    known: Mutex<Vec<(&'static str, String, u16)>>,
}

impl Admitted {
    const fn new() -> Self {
        Self { good: Group::new(MOST_GOOD), bad: Group::new(MOST_BAD) }
    }

    fn admit(&self, method: &'static str, route: &str, status: u16) -> bool {
        let group = if status < 400 { &self.good } else { &self.bad };
        group.admit(method, route, status)
    }
}

impl Group {
    const fn new(most: usize) -> Self {
        Self { most, known: Mutex::new(Vec::new()) }
    }

    fn admit(&self, method: &'static str, route: &str, status: u16) -> bool {
        let mut known = self.known.lock();
        if known.iter().any(|(m, r, s)| (*m, r.as_str(), *s) == (method, route, status)) {
            return true;
        }
        let room = known.len() < self.most;
        if room {
            known.push((method, route.to_owned(), status));
        }
        room
    }
}

const OTHER_METHOD: &str = "_OTHER";

/// One of the methods of HTTP, so that an invented one makes no series of its own.
fn method_label(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => OTHER_METHOD,
    }
}

/// The answer to a request whose handler panicked; the panic itself is logged by its hook.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    ApiError::internal().into_response()
}
