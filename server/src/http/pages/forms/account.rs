//! `POST /account/forgot`, `POST /account/reset`, `POST /account/verify` and
//! `POST /settings/mail/verify`.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use siskin_app::written::Frame;
use siskin_app::written::account::{ADDRESS_PATH, CameBy, FORGOT_PATH};
use siskin_domain::{Email, Password};

use super::Form;
use crate::application::{Link, Refused, Standing};
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
        Ok(()) => done(&state, &form, FORGOT_PATH, Flash::LinkSent, &standings),
        Err(refused) => {
            let page = |frame: &Frame| account::forgot_page(&state, frame);
            form.refuse_written(&state, refused.into(), Vec::new(), page).await
        }
    }
}

/// Changes the password of whoever the link was made for.
pub(crate) async fn reset(State(state): State<PageState>, form: Form) -> Response {
    let token = form.field("token").to_owned();
    let password = match Password::parse(form.field("password")) {
        Ok(password) => password,
        Err(error) => {
            return refuse(&state, form, Link::Reset, token, error.into(), Vec::new()).await;
        }
    };
    let standings = match state.services.throttle.reset(form.peer).await {
        Ok(standings) => standings,
        Err(refused) => return refuse(&state, form, Link::Reset, token, refused, Vec::new()).await,
    };
    match state.services.accounts.reset_password(&token, password, None).await {
        Ok(()) => done(&state, &form, "/login", Flash::PasswordChanged, &standings),
        Err(refused) => refuse(&state, form, Link::Reset, token, refused, standings).await,
    }
}

/// Notes that an address is its owner's.
pub(crate) async fn verify(State(state): State<PageState>, form: Form) -> Response {
    let token = form.field("token").to_owned();
    let standings = match state.services.throttle.reset(form.peer).await {
        Ok(standings) => standings,
        Err(refused) => {
            return refuse(&state, form, Link::Verify, token, refused, Vec::new()).await;
        }
    };
    match state.services.accounts.verify_address(&token, None).await {
        Ok(()) => {
            let next = if form.caller.is_some() { ADDRESS_PATH } else { "/" };
            done(&state, &form, next, Flash::AddressVerified, &standings)
        }
        Err(refused) => refuse(&state, form, Link::Verify, token, refused, standings).await,
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

/// On to another page, which says what was done.
fn done(
    state: &PageState,
    form: &Form,
    next: &str,
    said: Flash,
    standings: &[Standing],
) -> Response {
    let mut response = form.done_saying(state, next, said);
    rate_limit::tell(response.headers_mut(), standings);
    response
}

/// Shows the page of a link again with what is wrong. A link that works no more has no form.
async fn refuse(
    state: &PageState,
    form: Form,
    link: Link,
    token: String,
    refused: Refused,
    standings: Vec<Standing>,
) -> Response {
    let valid = !matches!(refused, Refused::LinkInvalid);
    let error = ApiError::from(refused).standing(standings);
    let came_by = CameBy { token, valid };
    let page = |frame: &Frame| account::link_page(link, &came_by, frame);
    account::hidden(form.refuse_written(state, error, Vec::new(), page).await)
}
