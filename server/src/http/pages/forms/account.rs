//! `POST /account/forgot`, `POST /account/reset`, `POST /account/verify` and
//! `POST /settings/mail/verify`.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use siskin_app::written::Frame;
use siskin_app::written::account::{ADDRESS_PATH, CameBy, FORGOT_PATH};
use siskin_domain::{Email, Password};

use super::Form;
use crate::application::{Link, Refused};
use crate::http::api::error::ApiError;
use crate::http::pages::cookies::Flash;
use crate::http::pages::{PageState, account};
use crate::http::rate_limit;

/// Asks for a link to a new password; the answer does not tell whether there is an account.
pub(crate) async fn forgot(State(state): State<PageState>, form: Form) -> Response {
    let (asked, standings) = match Email::parse(form.field("email")) {
        Err(error) => (Err(error.into()), Vec::new()),
        Ok(email) => match state.services.throttle.reset(form.peer).await {
            Err(refused) => (Err(refused), Vec::new()),
            Ok(standings) => (state.services.accounts.ask_reset(email), standings),
        },
    };
    match asked {
        Ok(()) => {
            let mut response = form.done_saying(&state, FORGOT_PATH, Flash::LinkSent);
            rate_limit::tell(response.headers_mut(), &standings);
            response
        }
        Err(refused) => {
            let page = |frame: &Frame| account::forgot_page(&state, frame);
            form.refuse_written(&state, refused.into(), Vec::new(), page).await
        }
    }
}

/// Changes the password of whoever the link was made for.
pub(crate) async fn reset(State(state): State<PageState>, form: Form) -> Response {
    let token = form.field("token").to_owned();
    let done = match Password::parse(form.field("password")) {
        Ok(password) => state.services.accounts.reset_password(&token, password, None).await,
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => form.done_saying(&state, "/login", Flash::PasswordChanged),
        Err(refused) => refuse(&state, form, Link::Reset, token, refused).await,
    }
}

/// Notes that an address is its owner's.
pub(crate) async fn verify(State(state): State<PageState>, form: Form) -> Response {
    let token = form.field("token").to_owned();
    match state.services.accounts.verify_address(&token, None).await {
        Ok(()) => {
            let next = if form.caller.is_some() { ADDRESS_PATH } else { "/" };
            form.done_saying(&state, next, Flash::AddressVerified)
        }
        Err(refused) => refuse(&state, form, Link::Verify, token, refused).await,
    }
}

/// Mails a new link to the signed-in person.
pub(crate) async fn again(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, ADDRESS_PATH, "/login", Refused::NotSignedIn).await;
    };
    let accounts = &state.services.accounts;
    let refused = match accounts.verify_again(&caller).await {
        Ok(true) => return form.done_saying(&state, ADDRESS_PATH, Flash::MailSent),
        Ok(false) => return form.done_saying(&state, ADDRESS_PATH, Flash::AddressVerified),
        Err(refused) => refused,
    };
    match account::my_address(&state, &caller).await {
        Ok(mine) => {
            let page = |frame: &Frame| account::address_page(&mine, frame);
            form.refuse_written(&state, refused.into(), Vec::new(), page).await
        }
        Err(refused) => ApiError::from(refused).into_response(),
    }
}

/// Shows the page of a link again with what is wrong. A link that works no more has no form.
async fn refuse(
    state: &PageState,
    form: Form,
    link: Link,
    token: String,
    refused: Refused,
) -> Response {
    let valid = !matches!(refused, Refused::LinkInvalid);
    let came_by = CameBy { token, valid };
    let page = |frame: &Frame| account::link_page(link, &came_by, frame);
    account::hidden(form.refuse_written(state, refused.into(), Vec::new(), page).await)
}
