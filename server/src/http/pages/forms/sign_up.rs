//! `POST /signup`.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use siskin_app::context::FormError;
use siskin_app::written::Frame;
use siskin_app::written::sign_up::PATH;
use siskin_domain::{DisplayName, Email, Password, Role, Username};

use super::{Form, noting, said, told};
use crate::application::{NewAccount, NewSession};
use crate::http::api::error::ApiError;
use crate::http::pages::{PageState, sign_up};
use crate::http::rate_limit;

/// Registers a person and signs them in.
pub(crate) async fn post(State(state): State<PageState>, form: Form) -> Response {
    let account = match account(&form) {
        Ok(account) => account,
        Err(errors) => {
            let (error, errors) = told(errors);
            return again(&state, form, error, errors).await;
        }
    };
    let invite = form.filled("invite").map(str::to_owned);
    let standings = match state.services.throttle.sign_up(form.peer).await {
        Ok(standings) => standings,
        Err(refused) => return again(&state, form, refused.into(), Vec::new()).await,
    };
    let accounts = &state.services.accounts;
    let begun = match accounts.register(account, invite.as_deref(), None).await {
        Ok(user) => accounts.start_session(user.id, NewSession::browser(form.client())).await,
        Err(refused) => Err(refused),
    };
    match begun {
        Ok(session) => {
            let mut response = form.signed_in(&state, session.secret);
            rate_limit::tell(response.headers_mut(), &standings);
            response
        }
        Err(refused) => {
            let error = ApiError::from(refused).standing(standings);
            again(&state, form, error, Vec::new()).await
        }
    }
}

/// Shows the page again with what is wrong: the app's, or the one that the server writes. Without
/// `errors` the error itself is what is wrong.
pub(super) async fn again(
    state: &PageState,
    form: Form,
    error: ApiError,
    errors: Vec<FormError>,
) -> Response {
    if sign_up::is_open(state) {
        let errors = if errors.is_empty() { said(&error) } else { errors };
        return form.show_again(state, PATH, PATH, error, errors).await;
    }
    match sign_up::way_in(state, form.filled("invite")).await {
        Ok(way) => {
            let page = |frame: &Frame| sign_up::written(&way, frame);
            form.refuse_written(state, error, errors, page).await
        }
        Err(refused) => ApiError::from(refused).into_response(),
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
            Ok(NewAccount { username, email, password, name, role: Role::User })
        }
        _ => Err(errors),
    }
}
