//! The pages: HTML with its data for browsers, and the forms they send back.
//!
//! Every page works without JavaScript: a form is answered by 303 when it did its work, and by
//! the same page with what is wrong when it did not.

mod account;
mod backend;
mod cache;
pub(super) mod cookies;
mod edge;
mod forms;
pub(super) mod fuzzing;
mod invitations;
mod log_in;
mod moderation;
mod notice;
mod oidc;
mod own_data;
mod render;
mod report;
mod security;
mod sessions;
mod sign_up;
mod status;
pub(super) mod way_back;

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::StatusCode;
use siskin_app::backend::BackendHandle;
use siskin_app::written::identities::Ways;

use super::assets::FrontEnd;
use super::routes::Routes;
use tokio::sync::Semaphore;

use crate::application::Services;
use crate::oidc::{Limits, Providers};
pub(super) use forms::wants_json;
pub(super) use render::unavailable;

/// What pages share. A clone, of which each request takes some, is one reference more.
#[derive(Clone)]
pub struct PageState {
    shared: Arc<Shared>,
}

/// The fields of [`PageState`], which derefs to them.
pub struct Shared {
    services: Services,
    backend: BackendHandle,
    front: Arc<FrontEnd>,
    /// For pages that work without the app.
    plain_front: Arc<FrontEnd>,
    cache: Arc<cache::VisitorCache>,
    providers: Providers,
    ways: Ways,
    /// Turns to render.
    renderings: Arc<Semaphore>,
}

impl Deref for PageState {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl PageState {
    /// Finds the front end's files and begins with an empty cache.
    #[must_use]
    pub fn new(services: Services) -> Self {
        // A second initialisation, in tests, changes nothing.
        let _ = any_spawner::Executor::init_tokio();
        let front = FrontEnd::discover();
        let (rules, clock) = (&services.rules, &services.clock);
        let providers =
            Providers::new(&rules.providers, &rules.public_url, clock, Limits::default());
        let shared = Shared {
            ways: oidc::ways(&providers),
            providers,
            backend: backend::in_process(services.queries.clone(), None),
            plain_front: Arc::new(front.without_app()),
            front: Arc::new(front),
            cache: Arc::new(cache::VisitorCache::new()),
            renderings: render::turns(services.store.as_ref()),
            services,
        };
        Self { shared: Arc::new(shared) }
    }

    /// The address of the style sheet, if the front end was built.
    #[must_use]
    pub fn stylesheet(&self) -> Option<String> {
        self.front.assets.css.as_ref().map(|name| format!("/{name}"))
    }
}

/// Every address that is for people.
pub fn routes(state: PageState) -> Routes {
    Routes::new()
        .route("/", get(render::page))
        .route("/index", get(|| async { Redirect::permanent("/") }))
        .route("/login", get(render::page).post(forms::log_in::post))
        .route("/signup", get(sign_up::page).post(forms::sign_up::post))
        .route("/profile", get(render::own_page).post(forms::profile::post))
        .route("/settings/invitations", get(invitations::page).post(forms::invitations::make))
        .route(
            "/settings/invitations/{id}/revoke",
            get(invitations_home).post(forms::invitations::revoke),
        )
        .route("/settings/sessions", get(sessions::page))
        .route(
            "/settings/sessions/end-others",
            get(sessions_home).post(forms::sessions::end_others),
        )
        .route("/settings/sessions/{id}/end", get(sessions_home).post(forms::sessions::end))
        .route("/settings/tokens", get(sessions_home).post(forms::sessions::make_token))
        .route("/settings/security", get(security::page))
        .route("/settings/security/app", get(security::begin_app).post(forms::app::begin))
        .route("/settings/security/app/code", get(security_home).post(forms::app::finish))
        .route("/settings/security/app/remove", get(security::remove_app).post(forms::app::remove))
        .route("/settings/security/codes", get(security::renew_codes).post(forms::app::renew))
        .route("/settings/security/passkeys/new", get(security::add_passkey))
        .route(
            "/settings/security/passkeys/{id}/remove",
            get(security::remove_passkey).post(forms::passkey::remove),
        )
        .route("/log-in/code", get(log_in::code).post(forms::code::post))
        .route("/log-in/passkey", get(log_in::passkey))
        .route("/settings/data", get(own_data::page).post(forms::own_data::download_all))
        .route(
            "/settings/account/delete",
            get(own_data::delete_page).post(forms::own_data::delete_account),
        )
        .route("/settings/mail", get(account::address))
        .route("/settings/mail/verify", get(address_home).post(forms::account::again))
        .route("/account/forgot", get(account::forgot).post(forms::account::forgot))
        .route("/account/reset", get(account::reset).post(forms::account::reset))
        .route("/account/verify", get(account::verify).post(forms::account::verify))
        .route("/settings/identities", get(oidc::identities::page))
        .route(
            "/settings/identities/password",
            get(identities_home).post(oidc::identities::set_password),
        )
        .route(
            "/settings/identities/{identity}/unlink",
            get(identities_home).post(oidc::identities::unlink),
        )
        .route(
            "/settings/identities/link/{provider}",
            get(identities_home).post(oidc::identities::link),
        )
        .route("/log-in/with/{provider}", get(log_in_home).post(oidc::start::post))
        .route("/log-in/with/{provider}/callback", get(oidc::callback::get))
        .route("/log-in/finish", get(oidc::finish::page).post(oidc::finish::post))
        .route("/report", get(report::get).post(report::post))
        .route("/settings/warning", get(home).post(report::dismiss))
        .route("/moderation", get(moderation::queue::get))
        .route("/moderation/log", get(moderation::log::get))
        .route("/moderation/reports/{id}", get(queue_home).post(moderation::queue::post))
        .route(
            "/moderation/people/{username}",
            get(moderation::person::get).post(moderation::person::post),
        )
        .route("/moderation/tweets/{id}", get(moderation::tweet::get).post(moderation::tweet::post))
        .route("/admin/status", get(status::page))
        .route("/logout", get(home).post(forms::log_out::post))
        .route("/tweets", get(home).post(forms::tweet::post))
        .route("/tweet/{id}", get(render::page))
        .route("/tweet/{id}/delete", post(forms::tweet::delete))
        .route("/theme", get(home).post(forms::theme::post))
        .fallback(&["/@{username}"], not_found)
        .map(|router| router.layer(from_fn_with_state(state.clone(), edge::pass)).with_state(state))
}

/// Where a form's address leads when it is opened as a page, by a reload or from the history.
async fn home() -> Redirect {
    Redirect::to("/")
}

/// The same for the form of an authenticator app.
async fn security_home() -> Redirect {
    Redirect::to(siskin_app::written::security::PATH)
}

/// The same for the form at each invitation.
async fn invitations_home() -> Redirect {
    Redirect::to(siskin_app::written::invitations::PATH)
}

/// The same for the buttons of the page to log in.
async fn log_in_home() -> Redirect {
    Redirect::to("/login")
}

/// The same for the forms of the page of accounts elsewhere.
async fn identities_home() -> Redirect {
    Redirect::to(siskin_app::written::identities::PATH)
}

/// The same for the forms of the page of sessions.
async fn sessions_home() -> Redirect {
    Redirect::to(siskin_app::written::sessions::PATH)
}

/// The same for the forms of the queue of reports.
async fn queue_home() -> Redirect {
    Redirect::to(siskin_app::written::moderation::PATH)
}

/// The same for the form of the page of one's own address.
async fn address_home() -> Redirect {
    Redirect::to(siskin_app::written::account::ADDRESS_PATH)
}

/// `/@name`, files such as `/favicon.svg`, and what is not there.
async fn not_found(State(state): State<PageState>, request: Request) -> Response {
    let is_read = request.method() == http::Method::GET || request.method() == http::Method::HEAD;
    if !is_read {
        return StatusCode::NOT_FOUND.into_response();
    }
    render::page(State(state), request).await
}
