//! `POST /signup`.

use axum::extract::State;
use axum::response::Response;
use siskin_domain::{DisplayName, Email, Password, Role, Username};

use super::{Form, noting};
use crate::application::{NewAccount, NewSession, WayIn, caller_cookie_name};
use crate::http::api::error::ApiError;
use crate::http::pages::{PageState, cookies};
use crate::http::rate_limit;

/// Registers a person and signs them in.
pub(crate) async fn post(State(state): State<PageState>, form: Form) -> Response {
    let account = match account(&form) {
        Ok(account) => account,
        Err(errors) => return form.refuse_fields(&state, "/signup", "/signup", errors).await,
    };
    let standings = match state.services.throttle.sign_up(form.peer).await {
        Ok(standings) => standings,
        Err(refused) => return form.refuse(&state, "/signup", "/signup", refused).await,
    };
    let https = state.services.rules.secure_cookies;
    let accounts = &state.services.accounts;
    let begun = match accounts.register(account, None).await {
        Ok(user) => accounts.start_session(user.id, NewSession::browser(form.client())).await,
        Err(refused) => Err(refused),
    };
    match begun {
        Ok(session) => {
            let name = caller_cookie_name(https);
            let mut response = form.done("/", [cookies::set_session(name, session.secret, https)]);
            rate_limit::tell(response.headers_mut(), &standings);
            response
        }
        Err(refused) => {
            let error = ApiError::from(refused).standing(standings);
            form.refuse_with(&state, "/signup", "/signup", error).await
        }
    }
}

fn account(form: &Form) -> Result<NewAccount, Vec<siskin_domain::FieldError>> {
    let mut errors = Vec::new();
    let username = noting(&mut errors, Username::parse(form.field("username")));
    let email = noting(&mut errors, Email::parse(form.field("email")));
    let name = match form.filled("name") {
        Some(name) => noting(&mut errors, DisplayName::parse(name)),
        None => None,
    };
    let password = noting(&mut errors, Password::parse(form.field("password")));
    match (username, email, password) {
        (Some(username), Some(email), Some(password)) if errors.is_empty() => {
            let way_in = WayIn::Password(password);
            Ok(NewAccount { username, email, way_in, name, role: Role::User })
        }
        _ => Err(errors),
    }
}
