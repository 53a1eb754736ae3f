//! `POST /login`.

use axum::extract::State;
use axum::response::Response;
use siskin_app::written::log_in::CODE_PATH;
use siskin_domain::Password;

use super::Form;
use crate::application::{Entered, NewSession};
use crate::http::api::error::ApiError;
use crate::http::pages::{PageState, cookies};
use crate::http::rate_limit;

/// Signs a person in: a new session that replaces the one they came with. Whoever has an
/// authenticator app is sent on to the page that asks for its code.
pub(crate) async fn post(State(state): State<PageState>, form: Form) -> Response {
    let login = form.field("username").to_owned();
    let password = Password::claimed(form.field("password"));
    let attempt = match state.services.throttle.log_in(form.peer, &login).await {
        Ok(attempt) => attempt,
        Err(refused) => return form.refuse(&state, "/login", "/login", refused).await,
    };
    let mut new = NewSession::browser(form.client());
    new.replaces = form.caller.as_ref().map(|caller| caller.token);
    let entered = match state.services.accounts.log_in(&login, password, new).await {
        Ok(entered) => entered,
        Err(refused) => {
            let error = ApiError::from(refused).standing(attempt.failed());
            return form.refuse_with(&state, "/login", "/login", error).await;
        }
    };
    let standings = attempt.succeeded().await;
    let mut response = match entered {
        Entered::In(session) => form.signed_in(&state, session.secret),
        Entered::CodeWanted(secret) => {
            let https = state.services.rules.secure_cookies;
            form.done(CODE_PATH, [cookies::set_code(secret, https)])
        }
    };
    rate_limit::tell(response.headers_mut(), &standings);
    response
}
