//! Counts, times and logs requests, and turns a panic into an answer.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use metrics::Histogram;

use super::api::error::ApiError;

/// A request that is being answered. Labels are templates and codes, never what a stranger typed.
pub(super) struct Measured {
    begun: Instant,
    method: &'static str,
    route: Option<MatchedPath>,
}

impl Measured {
    /// It came.
    pub(super) fn begin(request: &Request) -> Self {
        Self {
            begun: Instant::now(),
            method: method_label(request.method()),
            route: request.extensions().get().cloned(),
        }
    }

    /// Its answer is ready.
    pub(super) fn end(self, response: &Response) {
        // The API has a table of its own and notes there which address it was.
        let inner = response.extensions().get::<MatchedPath>();
        let route = inner.or(self.route.as_ref()).map_or("unmatched", MatchedPath::as_str);
        let status = response.status().as_u16();
        let took = self.begun.elapsed();
        record(self.method, route, status, took.as_secs_f64());
        let took_us = took.as_micros() as u64;
        tracing::debug!(method = self.method, route, status, took_us, "answered");
    }
}

/// The histograms of one route, by method and status.
type OfRoute = HashMap<(&'static str, u16), Histogram>;

thread_local! {
    /// By route. To look one up here costs less than to make its labels anew, and templates are
    /// few.
    static HISTOGRAMS: RefCell<HashMap<String, OfRoute>> = RefCell::default();
}

fn record(method: &'static str, route: &str, status: u16, seconds: f64) {
    HISTOGRAMS.with_borrow_mut(|histograms| {
        let known = histograms.get(route).and_then(|of_route| of_route.get(&(method, status)));
        if let Some(histogram) = known {
            return histogram.record(seconds);
        }
        let histogram = metrics::histogram!(
            "http_server_request_duration_seconds",
            "http_request_method" => method,
            "http_route" => route.to_owned(),
            "http_response_status_code" => status.to_string(),
        );
        histogram.record(seconds);
        histograms.entry(route.to_owned()).or_default().insert((method, status), histogram);
    });
}

/// One of the methods of HTTP, so that an invented one makes no series of its own.
fn method_label(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

/// The answer to a request whose handler panicked; the panic itself is logged by its hook.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    ApiError::internal().into_response()
}
