//! A server that is closed to strangers (`SISKIN_PUBLIC=false`): whatever is not on the lists here
//! needs a session or a token, whether or not it is an address of ours.
//!
//! It is a layer around everything, so that a new address is closed unless somebody adds it to a
//! list; and it is not there at all while strangers may read.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use super::api::{auth, edge, error::ApiError};
use super::pages::way_back;
use super::{assets, cookie, is_read, pages, position};
use crate::application::{Caller, Services};
use crate::storage::Scope;

/// What strangers may read: how to become a member, and what the server says of itself.
const READ: [&str; 7] =
    ["/api/docs", "/api/openapi.json", "/api/v1/info", "/livez", "/login", "/readyz", "/signup"];
/// What strangers may send: what makes them members, and the choice of colours.
const SEND: [&str; 10] = [
    "/api/v1/email-verifications/confirm",
    "/api/v1/passkeys/challenge",
    "/api/v1/passkeys/session",
    "/api/v1/password-resets",
    "/api/v1/password-resets/confirm",
    "/api/v1/tokens",
    "/api/v1/users",
    "/login",
    "/signup",
    "/theme",
];
/// Below these is what helps with logging in: it checks by itself who asks.
const BELOW: [&str; 2] = ["/account/", "/log-in/"];

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
const NOINDEX: HeaderValue = HeaderValue::from_static("noindex, nofollow");
/// What members read is not for caches that others share.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Lets members pass, and strangers to what is open.
pub(super) async fn pass(services: Arc<Services>, request: Request, next: Next) -> Response {
    let mut response = if is_open(request.method(), request.uri().path()) {
        let mut response = next.run(request).await;
        position::hide_from_strangers(&services.rules, &mut response);
        response
    } else {
        let (parts, body) = request.into_parts();
        match refusal(&services, &parts).await {
            Some(refusal) => refusal,
            None => for_members(next.run(Request::from_parts(parts, body)).await),
        }
    };
    response.headers_mut().insert(ROBOTS, NOINDEX);
    response
}

/// Is this open to everybody?
fn is_open(method: &Method, path: &str) -> bool {
    // The API takes both spellings.
    let path = match path.strip_suffix('/') {
        Some(shorter) if is_api(path) => shorter,
        _ => path,
    };
    let listed = match *method {
        Method::GET | Method::HEAD => READ.contains(&path) || is_file(path),
        Method::POST => SEND.contains(&path),
        // Which methods an address knows is no secret, and browsers ask without a session.
        Method::OPTIONS => is_api(path),
        _ => false,
    };
    listed || BELOW.iter().any(|start| path.strip_prefix(start).is_some_and(is_plain))
}

fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// A file of the front end.
fn is_file(path: &str) -> bool {
    let name = path.strip_prefix("/pkg/").filter(|name| is_plain(name) && !name.contains('/'));
    name.is_some() || assets::is_root_file(path)
}

/// Nothing that another reader of this path could take for one elsewhere, such as `..` or `%2e`.
fn is_plain(rest: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./~=".contains(&byte);
    rest.bytes().all(plain) && rest.split('/').all(|segment| !segment.starts_with('.'))
}

/// The answer to whoever may not ask this.
async fn refusal(services: &Services, request: &Parts) -> Option<Response> {
    let headers = &request.headers;
    if !is_api(request.uri.path()) {
        return match cookie::caller(headers, services).await {
            Ok(Some(_)) => None,
            Ok(None) if pages::wants_json(headers) => {
                Some(ApiError::not_signed_in().into_response())
            }
            Ok(None) => Some(to_log_in(request, services.rules.secure_cookies)),
            Err(error) => Some(pages::unavailable(&error)),
        };
    }
    let caller = auth::who(headers, services).await;
    let refused = match caller.and_then(|caller| caller.ok_or_else(ApiError::not_signed_in)) {
        Ok(caller) => may_read(caller, &request.method).err()?,
        Err(refused) => refused,
    };
    let mut response = refused.into_response();
    let origin = headers.get(header::ORIGIN).cloned();
    edge::share(&services.rules, origin, false, &mut response);
    Some(response)
}

/// A token that is not for reading reads nothing here. What writes need, they say themselves.
fn may_read(caller: Caller, method: &Method) -> Result<(), ApiError> {
    if is_read(method) {
        caller.for_scope(Scope::Read)?;
    }
    Ok(())
}

/// To the log-in page, and from there back to the page that was asked for.
fn to_log_in(request: &Parts, https: bool) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_static("/login"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if request.method == Method::GET
        && is_page(request)
        && let Some(path) = request.uri.path_and_query()
        && let Some(line) = way_back::keep(path.as_str(), https)
    {
        headers.append(header::SET_COOKIE, line);
    }
    response
}

/// Does a browser ask for a page, rather than for something on one? Old browsers don't say.
fn is_page(request: &Parts) -> bool {
    request.headers.get("sec-fetch-dest").is_none_or(|what| what == "document")
}

/// What only members get is theirs: no cache may give it to others.
fn for_members(mut response: Response) -> Response {
    let kept = response.headers_mut().entry(header::CACHE_CONTROL).or_insert(PRIVATE);
    if kept == "no-cache" {
        *kept = PRIVATE;
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_is_closed() {
        for path in ["/", "/tweet/5", "/@ana", "/nowhere", "/api/v2/tweets", "/api", "/LOGIN"] {
            for method in [Method::GET, Method::HEAD, Method::POST, Method::DELETE] {
                assert!(!is_open(&method, path), "{method} {path}");
            }
        }
        assert!(is_open(&Method::GET, "/api/v1/info/"));
        assert!(!is_open(&Method::GET, "/api/v1/users"));
        assert!(!is_open(&Method::DELETE, "/api/v1/users"));
        assert!(is_open(&Method::OPTIONS, "/api/v2/tweets"));
    }

    #[test]
    fn a_path_that_could_be_read_as_another_is_closed() {
        assert!(is_open(&Method::GET, "/account/verify/a-B_9.x=="));
        for path in [
            "/account/../tweet/5",
            "/account/./x",
            "/account/%2e%2e/tweet/5",
            "/account/..%2ftweet/5",
            "/log-in/..\\tweet",
            "/pkg/../tweet/5",
            "/pkg/%2e%2e",
            "/login/../",
            "//login",
        ] {
            assert!(!is_open(&Method::GET, path), "{path}");
        }
    }
}
