//! `POST /log-in/code`.

use axum::extract::State;
use axum::response::Response;
use http::header;
use siskin_app::written::Frame;

use super::Form;
use crate::application::factors::FactorError;
use crate::application::{NewSession, Refused};
use crate::http::pages::{PageState, cookies, log_in};

/// Signs a person in whose password was right, with a code of their app or a recovery code.
pub(crate) async fn post(State(state): State<PageState>, form: Form) -> Response {
    let https = state.services.rules.secure_cookies;
    let Some(secret) = cookies::code(&form.headers, https).map(str::to_owned) else {
        return begin_again(&state, form).await;
    };
    let mut new = NewSession::browser(form.client());
    new.replaces = form.caller.as_ref().map(|caller| caller.token);
    let entered = state.services.accounts.log_in_with_code(&secret, form.field("code"), new).await;
    match entered {
        Ok(session) => {
            let mut response = form.signed_in(&state, session.secret);
            if let Some(line) = cookies::clear_code(https) {
                response.headers_mut().append(header::SET_COOKIE, line);
            }
            response
        }
        Err(Refused::Factor(FactorError::CeremonyOver)) => begin_again(&state, form).await,
        Err(refused) => {
            let page = |frame: &Frame| log_in::written_code(frame);
            form.refuse_written(&state, refused.into(), Vec::new(), page).await
        }
    }
}

/// Too late, or too many wrong codes: the password is asked for again.
async fn begin_again(state: &PageState, form: Form) -> Response {
    let over = FactorError::CeremonyOver.into();
    let mut response = form.refuse(state, "/login", "/login", over).await;
    if let Some(line) = cookies::clear_code(state.services.rules.secure_cookies) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}
