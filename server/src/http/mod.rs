//! HTTP: the whole table of addresses, and what every answer has in common.

pub mod api;
pub mod assets;
pub mod csrf;
pub mod ending;
pub mod headers;
pub mod pace;
pub mod pages;
pub mod routes;
pub mod serve;
mod silence;
pub mod state;
pub mod tls;

mod bounds;
mod client;
mod closed;
mod connections;
mod cookie;
mod device;
mod front;
pub(crate) mod fuzzing;
mod health;
mod observe;
pub(crate) mod overload;
mod places;
mod position;
mod rate_limit;
mod role;
mod stall;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{any_service, get};
use http::Method;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::timeout::TimeoutLayer;

use crate::application::Services;
use ending::Ending;
use routes::Routes;
use state::HttpState;

/// The largest body of any request, in bytes.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// How long a page or a form may take. The API and its streams have limits of their own.
const PAGE_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything that Siskin answers, as `main` serves it and tests use it.
///
/// The first step of its end is the end of readiness, the second that of streams.
pub fn router(services: Services, ending: impl Into<Ending>) -> Router {
    routes(services, ending).into_router()
}

/// The same with the list of its addresses.
pub fn routes(services: Services, ending: impl Into<Ending>) -> Routes {
    let Ending { leaving, stopping } = ending.into();
    let https = services.rules.secure_cookies;
    let members_only = (!services.rules.community.public).then(|| Arc::new(services.clone()));
    let health = health::Health::new(services.clone(), leaving);
    let gate = overload::Gate::for_this_machine(Arc::clone(&services.rules));
    let pages = pages::PageState::new(services.clone());
    let (api, api_paths) =
        api::router(HttpState::with_stylesheet(services, stopping, pages.stylesheet()));
    Routes::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz).with_state(health))
        .route("/pkg/{name}", get(assets::pkg))
        .and_paths(api_paths)
        .map(|router| {
            router
                .route("/api", any_service(api.clone()))
                .route("/api/", any_service(api.clone()))
                .route("/api/{*rest}", any_service(api))
        })
        .merge(pages::routes(pages).map(for_people))
        .map(|router| match members_only {
            // Nothing of it is in the way while strangers may read.
            None => router,
            Some(services) => router.layer(from_fn(move |request, next| {
                closed::pass(Arc::clone(&services), request, next)
            })),
        })
        .map(|router| {
            router.layer(CatchPanicLayer::custom(observe::panicked)).layer(from_fn(
                move |request, next| front::pass(Arc::clone(&gate), https, request, next),
            ))
        })
}

/// Does a request with this method leave everything as it is?
const fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// What pages and forms have in common: limits, and compression for slow networks. Nothing secret
/// stands beside what a stranger typed on a page, so compressing them tells nothing.
fn for_people(pages: Router) -> Router {
    pages
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(http::StatusCode::SERVICE_UNAVAILABLE, PAGE_TIMEOUT))
        .layer(CompressionLayer::new().gzip(true).compress_when(worth_compressing()))
}

/// Archives are compressed already.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new("application/zip"))
}
