//! `POST /settings/security/app`, its parts, and `POST /settings/security/codes`.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use siskin_app::written::security::{APP_PATH, PATH, app};
use siskin_app::written::{Frame, Written};
use siskin_domain::Password;

use super::Form;
use crate::application::factors::{Confirmed, FactorError};
use crate::application::{Caller, Refused};
use crate::http::pages::cookies::Flash;
use crate::http::pages::{PageState, render, security};

/// Makes the secret of an app and shows it.
pub(crate) async fn begin(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    match state.services.factors.begin_app(confirmed(&form, &caller)).await {
        Ok(set_up) => {
            let set_up = security::shown(set_up);
            answer(&state, &caller, form, |frame| security::set_up(&set_up, frame)).await
        }
        Err(refused) => again(&state, form, refused, security::begin).await,
    }
}

/// Switches the app on, if it shows a right code, and shows the recovery codes.
pub(crate) async fn finish(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    let (factors, token) = (&state.services.factors, form.field("setup"));
    let refused = match factors.finish_app(&caller, token, form.field("code")).await {
        Ok(codes) => return show_codes(&state, &caller, form, &codes).await,
        Err(refused) => refused,
    };
    // A wrong code: the same secret is shown again.
    match factors.app_in_progress(&caller, token).await {
        Ok(set_up) if matches!(refused, Refused::Factor(FactorError::WrongCode)) => {
            let set_up = security::shown(set_up);
            again(&state, form, refused, |frame, _| security::set_up(&set_up, frame)).await
        }
        Ok(_) | Err(_) => again(&state, form, refused, security::begin).await,
    }
}

/// Makes new recovery codes and shows them.
pub(crate) async fn renew(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    let confirmed = confirmed(&form, &caller);
    match state.services.factors.renew_codes(confirmed, form.field("code")).await {
        Ok(codes) => show_codes(&state, &caller, form, &codes).await,
        Err(refused) => again(&state, form, refused, security::renew).await,
    }
}

/// Switches the app off.
pub(crate) async fn remove(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    let confirmed = confirmed(&form, &caller);
    match state.services.factors.remove_app(confirmed, form.field("code")).await {
        Ok(()) => form.done_saying(&state, PATH, Flash::AppRemoved),
        Err(refused) => again(&state, form, refused, security::remove).await,
    }
}

/// The person, with the password that they typed.
pub(super) fn confirmed<'a>(form: &Form, caller: &'a Caller) -> Confirmed<'a> {
    Confirmed { caller, password: Password::claimed(form.field("password")), from: form.peer }
}

/// Shows a page again with what is wrong; it asks for the password of whoever has one.
pub(super) async fn again(
    state: &PageState,
    form: Form,
    refused: Refused,
    page: impl FnOnce(&Frame, bool) -> Written,
) -> Response {
    let has = match &form.caller {
        Some(caller) => state.services.accounts.has_password(caller).await,
        None => Ok(true),
    };
    let page = match has {
        Ok(has) => move |frame: &Frame| page(frame, has),
        Err(error) => return render::unavailable(&error),
    };
    form.refuse_written(state, security::refusal(refused), Vec::new(), page).await
}

async fn show_codes(state: &PageState, caller: &Caller, form: Form, codes: &[String]) -> Response {
    let page =
        |_: &Frame| security::titled(APP_PATH.to_owned(), "Recovery codes", app::codes(codes));
    answer(state, caller, form, page).await
}

/// A page in answer to a form that did its work: what it shows is nowhere else.
async fn answer(
    state: &PageState,
    caller: &Caller,
    form: Form,
    page: impl FnOnce(&Frame) -> Written,
) -> Response {
    let page = page(&render::frame(state, Some(caller), None));
    render::written(state, Some(caller), form.headers, page, StatusCode::OK).await
}
