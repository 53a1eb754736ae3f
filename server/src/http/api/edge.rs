//! What every request under `/api` meets: one spelling of paths, a time limit, CORS, OPTIONS,
//! the server's role, the log's position, and the API's own 404 and 405.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use tower::ServiceExt;

use super::error::ApiError;
use crate::application::Rules;
use crate::http::position::Visit;
use crate::http::role::Elsewhere;
use crate::http::state::HttpState;
use crate::telemetry;

/// How long a request may take; the body of a stream may take longer.
const TIME_LIMIT: Duration = Duration::from_secs(30);

const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, if-none-match, last-event-id, traceparent, \
     x-request-id, x-siskin-position",
);
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static(
    "etag, link, location, retry-after, idempotency-replayed, ratelimit, ratelimit-policy, \
     x-request-id, x-siskin-position",
);
/// How long browsers may remember a preflight: two hours, the most that Chromium takes.
const PREFLIGHT_LASTS: HeaderValue = HeaderValue::from_static("7200");

/// Passes a request on to the table of addresses.
pub(super) async fn pass(state: HttpState, inner: Router, mut request: Request) -> Response {
    drop_last_slash(&mut request);
    let options = request.method() == Method::OPTIONS;
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = in_time(answer(&state, inner, request)).await;
    if options && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = list_methods(response.headers());
    }
    share(&state.services.rules, origin, options, &mut response);
    response
}

/// CORS: lets pages of the operator's other origins read an answer, or says that they may ask.
pub(in crate::http) fn share(
    rules: &Rules,
    origin: Option<HeaderValue>,
    options: bool,
    response: &mut Response,
) {
    let origins = &rules.cors_origins;
    if !origins.is_empty() {
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = origin.filter(|origin| is_allowed(origin, origins)) {
            allow(headers, origin, options);
        }
    }
}

/// The answer, if this server gives it, and how far the log is.
async fn answer(state: &HttpState, inner: Router, request: Request) -> Response {
    let services = &state.services;
    if let Some(elsewhere) = Elsewhere::of(&services.rules, request.method(), request.uri()) {
        let response = elsewhere.error().clone().into_response();
        return elsewhere.locate(response);
    }
    let visit = match Visit::of(&request, &services.rules) {
        Ok(visit) => visit,
        Err(refused) => return ApiError::from(refused).into_response(),
    };
    visit.wait(services).await;
    let Ok::<_, Infallible>(mut response) = inner.oneshot(request).await;
    visit.tell(services, &mut response);
    response
}

async fn in_time(answer: impl Future<Output = Response>) -> Response {
    match tokio::time::timeout(TIME_LIMIT, answer).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!("a request ran out of time");
            ApiError::out_of_time().into_response()
        }
    }
}

/// `/api/v2/tweets/` is `/api/v2/tweets`, without a redirect that would lose a POST.
fn drop_last_slash(request: &mut Request<Body>) {
    let path = request.uri().path();
    if path.len() < 2 || !path.ends_with('/') {
        return;
    }
    let shorter = &path[..path.len() - 1];
    let text = match request.uri().query() {
        Some(query) => format!("{shorter}?{query}"),
        None => shorter.to_owned(),
    };
    let mut parts = request.uri().clone().into_parts();
    if let Ok(path) = text.parse::<PathAndQuery>() {
        parts.path_and_query = Some(path);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
}

/// The answer to OPTIONS: what the address knows, which the router has put in `Allow`.
fn list_methods(headers: &HeaderMap) -> Response {
    let known = headers.get(header::ALLOW).and_then(|allow| allow.to_str().ok());
    let known = known.filter(|known| !known.is_empty());
    let all = known.map_or_else(|| "OPTIONS".to_owned(), |known| format!("{known},OPTIONS"));
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Ok(all) = HeaderValue::from_str(&all) {
        response.headers_mut().insert(header::ALLOW, all);
    }
    response
}

fn is_allowed(origin: &HeaderValue, origins: &[String]) -> bool {
    origins.iter().any(|allowed| {
        allowed == "*"
            || origin.as_bytes().eq_ignore_ascii_case(allowed.trim_end_matches('/').as_bytes())
    })
}

/// Lets a page of another origin read the answer. Credentials are never allowed: such a page
/// brings a token or nothing.
fn allow(headers: &mut HeaderMap, origin: HeaderValue, options: bool) {
    const METHODS: HeaderName = header::ACCESS_CONTROL_ALLOW_METHODS;
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    if options {
        if let Some(methods) = headers.get(header::ALLOW).cloned() {
            headers.insert(METHODS, methods);
        }
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_LASTS);
    }
}

/// Notes the template of the address on the answer, for whoever measures.
pub(super) async fn note_template(request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>().cloned();
    if let Some(template) = &template {
        telemetry::request::note_route(template);
    }
    let mut response = next.run(request).await;
    if let Some(template) = template {
        response.extensions_mut().insert(template);
    }
    response
}

/// No address like this.
pub(super) async fn not_found() -> ApiError {
    ApiError::not_found()
}

/// An address, but not with this method. `Allow` is added by the router.
pub(super) async fn method_not_allowed() -> ApiError {
    ApiError::method_not_allowed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_never_ends_is_503_after_30_seconds() {
        let begun = tokio::time::Instant::now();
        let response = in_time(std::future::pending()).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key(header::RETRY_AFTER));
        assert_eq!(begun.elapsed(), TIME_LIMIT);
    }

    #[test]
    fn one_slash_at_the_end_is_dropped_and_the_query_kept() {
        for (uri, then) in [
            ("/api/v2/tweets/?limit=1", "/api/v2/tweets?limit=1"),
            ("/api/v2/tweets/", "/api/v2/tweets"),
            ("/api/v2/tweets", "/api/v2/tweets"),
            ("/api/v2/tweets//", "/api/v2/tweets/"),
            ("http://host/api/?x=/", "http://host/api?x=/"),
        ] {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = uri.parse().unwrap();
            drop_last_slash(&mut request);
            assert_eq!(request.uri().to_string(), then);
        }
    }
}
