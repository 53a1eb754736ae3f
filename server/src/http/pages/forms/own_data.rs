//! `POST /settings/data` and `POST /settings/account/delete`.

use axum::extract::State;
use axum::response::Response;
use siskin_app::written::{Frame, delete_account, own_data as data_page};
use siskin_domain::Password;

use super::Form;
use crate::application::{Caller, Refused, caller_cookie_name};
use crate::http::api::download;
use crate::http::api::error::ApiError;
use crate::http::pages::cookies::{self, Flash};
use crate::http::pages::{PageState, own_data, render};

/// Sends everything of one's own.
pub(crate) async fn download_all(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, data_page::PATH, "/login", Refused::NotSignedIn).await;
    };
    match state.services.own_data.begin(&caller).await {
        Ok(archive) => download(archive),
        Err(refused) => {
            form.refuse_written(&state, refused.into(), Vec::new(), own_data::written).await
        }
    }
}

/// Deletes one's own account, and leaves a visitor.
pub(crate) async fn delete_account(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        let path = delete_account::PATH;
        return form.refuse(&state, path, "/login", Refused::NotSignedIn).await;
    };
    // Whoever got hold of a session must not guess the password with it.
    let guess = match state.services.throttle.log_in(form.peer, &caller.username).await {
        Ok(guess) => guess,
        Err(refused) => return again(&state, form, &caller, refused.into()).await,
    };
    let password = Password::claimed(form.field("current_password"));
    let deleted =
        state.services.accounts.delete_own(&caller, form.field("username"), &password).await;
    match deleted {
        Ok(()) => {
            guess.succeeded().await;
            let https = state.services.rules.secure_cookies;
            let gone = cookies::clear_session(caller_cookie_name(https), https);
            form.done("/", [gone, cookies::set_flash(Flash::AccountDeleted, https)])
        }
        Err(refused) => {
            let standings = match refused {
                Refused::WrongCurrentPassword => guess.failed(),
                _ => guess.succeeded().await,
            };
            let error = ApiError::from(refused).standing(standings);
            again(&state, form, &caller, error).await
        }
    }
}

/// Asks again, with what was wrong.
async fn again(state: &PageState, form: Form, caller: &Caller, error: ApiError) -> Response {
    match state.services.accounts.has_password(caller).await {
        Ok(has_password) => {
            let page =
                |frame: &Frame| own_data::delete_written(&caller.username, has_password, frame);
            form.refuse_written(state, error, Vec::new(), page).await
        }
        Err(error) => render::unavailable(&error),
    }
}
