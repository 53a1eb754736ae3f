//! The REST API: the whole table of its addresses, on one screen.
//!
//! `../shared/API.md` is the contract and `docs/API.md` its description for people. What each
//! operation takes and answers is declared on its handler, and `/api/openapi.json` is made of
//! that.

pub mod error;
pub(crate) mod fuzzing;

mod address;
mod admin;
pub(super) mod auth;
mod body;
mod docs;
pub(super) mod edge;
mod email_verifications;
mod factors;
mod info;
mod invitations;
mod link;
mod moderation;
mod once;
mod openapi;
mod passkeys;
mod password_resets;
mod problems;
pub(super) mod rendered;
mod reports;
mod sessions;
pub(super) mod stream;
mod tokens;
mod tweets;
mod users;
mod whole;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Extension;
use axum::extract::Request;
use axum::handler::HandlerWithoutStateExt;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use tower::Service;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::routes::Routes;
use super::state::HttpState;
pub(super) use users::archive::download;

/// Everything under `/api`, with and without a slash at the end, and the list of its addresses.
///
/// A service rather than a router, since it looks at the whole path before it routes: serve it at
/// `/api`, `/api/` and `/api/{*rest}`.
pub(super) fn router(
    state: HttpState,
) -> (
    impl Service<Request, Response = Response, Error = Infallible, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static,
    Vec<String>,
) {
    let (router, mut description) = table().split_for_parts();
    whole::complete(&mut description, &state.services.rules);
    let described = openapi::Described::new(&description, state.stylesheet.as_deref());
    let described = Extension(Arc::new(described));
    let own = Routes::new()
        .route("/api/openapi.json", get(openapi::json).layer(described.clone()))
        .route("/api/docs", get(docs::page).layer(described));
    let paths = description.paths.paths.into_keys().chain(own.paths().to_vec()).collect();
    let inner = router
        .merge(own.into_router())
        .route_layer(from_fn(edge::note_template))
        .fallback(edge::not_found)
        .method_not_allowed_fallback(edge::method_not_allowed)
        .with_state(state.clone());
    let service = move |request: Request| edge::pass(state.clone(), inner.clone(), request);
    (service.into_service(), paths)
}

fn table() -> OpenApiRouter<HttpState> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(info::get))
        .routes(routes!(users::list::list, users::post::post, users::delete::delete))
        .routes(routes!(users::get::get, users::put::put))
        .routes(routes!(users::archive::archive))
        .routes(routes!(users::role::put))
        .routes(routes!(invitations::list::list, invitations::post::post))
        .routes(routes!(invitations::revoke::revoke))
        .routes(routes!(tokens::post::post))
        .routes(routes!(tokens::delete::delete))
        .routes(routes!(sessions::list::list, sessions::delete::delete))
        .routes(routes!(sessions::end::end))
        .routes(routes!(factors::get::get))
        .routes(routes!(passkeys::post::post))
        .routes(routes!(passkeys::registration::post))
        .routes(routes!(passkeys::challenge::post))
        .routes(routes!(passkeys::session::post))
        .routes(routes!(password_resets::post::post))
        .routes(routes!(password_resets::confirm::post))
        .routes(routes!(email_verifications::post::post))
        .routes(routes!(email_verifications::confirm::post))
        .routes(routes!(tweets::list::list, tweets::post::post))
        .routes(routes!(tweets::get::get, tweets::delete::delete))
        .routes(routes!(stream::get))
        .routes(routes!(reports::post::post))
        .routes(routes!(moderation::reports::get))
        .routes(routes!(moderation::resolve::post))
        .routes(routes!(moderation::impose::put, moderation::lift::delete))
        .routes(routes!(moderation::hide::put, moderation::unhide::delete))
        .routes(routes!(moderation::log::get))
        .routes(routes!(admin::status::get))
}
