//! `POST /login`.

use axum::extract::State;
use axum::response::Response;
use siskin_domain::Password;

use super::Form;
use crate::application::NewSession;
use crate::http::api::error::ApiError;
use crate::http::pages::PageState;
use crate::http::rate_limit;

/// Signs a person in: a new session that replaces the one they came with.
pub(crate) async fn post(State(state): State<PageState>, form: Form) -> Response {
    let login = form.field("username").to_owned();
    let password = Password::claimed(form.field("password"));
    let attempt = match state.services.throttle.log_in(form.peer, &login).await {
        Ok(attempt) => attempt,
        Err(refused) => return form.refuse(&state, "/login", "/login", refused).await,
    };
    let mut new = NewSession::browser(form.client());
    new.replaces = form.caller.as_ref().map(|caller| caller.token);
    match state.services.accounts.log_in(&login, password, new).await {
        Ok(session) => {
            let standings = attempt.succeeded().await;
            let mut response = form.signed_in(&state, session.secret);
            rate_limit::tell(response.headers_mut(), &standings);
            response
        }
        Err(refused) => {
            let error = ApiError::from(refused).standing(attempt.failed());
            form.refuse_with(&state, "/login", "/login", error).await
        }
    }
}
