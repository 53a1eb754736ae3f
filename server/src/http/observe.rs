//! Counts, times and logs requests, and turns a panic into an answer.

use std::any::Any;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::api::error::ApiError;

/// Measures one request. Labels are templates and codes, never what a stranger typed.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_label(request.method());
    let outer = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    // The API has a table of its own and notes there which address it was.
    let route = response
        .extensions()
        .get::<MatchedPath>()
        .or(outer.as_ref())
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let status = response.status().as_u16();
    let took = started.elapsed();
    metrics::histogram!(
        "http_server_request_duration_seconds",
        "http_request_method" => method,
        "http_route" => route.clone(),
        "http_response_status_code" => status.to_string(),
    )
    .record(took.as_secs_f64());
    tracing::debug!(method, route, status, took_us = took.as_micros() as u64, "answered");
    response
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
