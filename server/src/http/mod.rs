//! HTTP: the whole table of addresses, and what every answer has in common.

pub mod api;
pub mod assets;
pub mod csrf;
pub mod headers;
pub mod pages;
pub mod serve;
pub mod state;

mod cookie;
mod health;
mod observe;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{any_service, get};
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::application::Services;
use state::HttpState;

/// The largest body of any request, in bytes.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// Everything that Siskin answers, as `main` serves it and tests use it.
///
/// `stopping` turns true when the server is to stop: readiness ends, and so do streams.
pub fn router(services: Services, stopping: watch::Receiver<bool>) -> Router {
    let https = services.rules.secure_cookies;
    let health = health::Health::new(services.clone(), stopping.clone());
    let pages = pages::PageState::new(services.clone());
    let api = api::router(HttpState::with_stylesheet(services, stopping, pages.stylesheet()));
    Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz).with_state(health))
        .route("/pkg/{name}", get(assets::pkg))
        .route("/api", any_service(api.clone()))
        .route("/api/", any_service(api.clone()))
        .route("/api/{*rest}", any_service(api))
        // The API has the same limit and says so in its own words.
        .merge(pages::router(pages).layer(RequestBodyLimitLayer::new(BODY_LIMIT)))
        .layer(CatchPanicLayer::custom(observe::panicked))
        .layer(from_fn(move |request, next| headers::secure(https, request, next)))
        .layer(from_fn(observe::observe))
}
