//! `GET /settings/security` and the pages below it.

mod qr;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, StatusCode};
use siskin_app::written::security::passkeys::{self, MyPasskey, remove_path};
use siskin_app::written::security::{
    APP_PATH, APP_REMOVE_PATH, CODES_PATH, NEW_PASSKEY_PATH, PATH, Security, app, content,
};
use siskin_app::written::{Frame, Markup, Written};

use super::{PageState, render};
use crate::application::factors::{OwnPasskey, SetUp};
use crate::application::{Caller, Refused};
use crate::http::api::error::ApiError;
use crate::storage::StoreError;

/// What there is.
pub(super) async fn page(State(state): State<PageState>, headers: HeaderMap) -> Response {
    let caller = match signed_in(&state, &headers).await {
        Ok(caller) => caller,
        Err(response) => return response,
    };
    let own = match state.services.factors.own(&caller).await {
        Ok(own) => own,
        Err(error) => return render::unavailable(&error),
    };
    let mine = Security {
        app_since: own.app_since,
        recovery_codes: own.recovery_codes,
        passkeys: own.passkeys.into_iter().map(mine).collect(),
        passkeys_possible: own.passkeys_possible,
    };
    show(&state, &caller, headers, |frame| {
        titled(PATH.to_owned(), "Security", content(&mine, frame))
    })
    .await
}

/// The first step of an app.
pub(super) async fn begin_app(State(state): State<PageState>, headers: HeaderMap) -> Response {
    own(&state, headers, begin).await
}

/// New recovery codes.
pub(super) async fn renew_codes(State(state): State<PageState>, headers: HeaderMap) -> Response {
    own(&state, headers, renew).await
}

/// The end of an app.
pub(super) async fn remove_app(State(state): State<PageState>, headers: HeaderMap) -> Response {
    own(&state, headers, remove).await
}

/// A new passkey.
pub(super) async fn add_passkey(State(state): State<PageState>, headers: HeaderMap) -> Response {
    let path = NEW_PASSKEY_PATH.to_owned();
    let page = |frame: &Frame, has: bool| titled(path, "Add a passkey", passkeys::add(frame, has));
    own(&state, headers, page).await
}

/// The end of a passkey.
pub(super) async fn remove_passkey(
    State(state): State<PageState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let caller = match signed_in(&state, &headers).await {
        Ok(caller) => caller,
        Err(response) => return response,
    };
    match passkey(&state, &caller, &id).await {
        Ok(Some(passkey)) => {
            asking(&state, &caller, headers, |frame, has| remove_one(&passkey, frame, has)).await
        }
        Ok(None) => Redirect::to(PATH).into_response(),
        Err(error) => render::unavailable(&error),
    }
}

/// One of the caller's passkeys.
pub(super) async fn passkey(
    state: &PageState,
    caller: &Caller,
    id: &str,
) -> Result<Option<MyPasskey>, StoreError> {
    let own = state.services.factors.own(caller).await?;
    Ok(own.passkeys.into_iter().map(mine).find(|passkey| passkey.id == id))
}

pub(super) fn begin(frame: &Frame, has_password: bool) -> Written {
    titled(APP_PATH.to_owned(), "Authenticator app", app::begin(frame, has_password))
}

pub(super) fn renew(frame: &Frame, has_password: bool) -> Written {
    titled(CODES_PATH.to_owned(), "New recovery codes", app::renew(frame, has_password))
}

pub(super) fn remove(frame: &Frame, has_password: bool) -> Written {
    titled(APP_REMOVE_PATH.to_owned(), "Switch the app off", app::remove(frame, has_password))
}

pub(super) fn set_up(set_up: &app::SetUp, frame: &Frame) -> Written {
    titled(APP_PATH.to_owned(), "Authenticator app", app::show(set_up, frame))
}

pub(super) fn remove_one(passkey: &MyPasskey, frame: &Frame, has_password: bool) -> Written {
    let content = passkeys::remove(passkey, frame, has_password);
    titled(remove_path(&passkey.id), "Remove a passkey", content)
}

/// An app that is being set up, with its QR code.
pub(super) fn shown(set_up: SetUp) -> app::SetUp {
    let SetUp { token, secret, address } = set_up;
    let qr = qr::draw(&address);
    app::SetUp { token, secret, address, qr }
}

/// A refusal as these pages say it: their field is called `password`.
pub(super) fn refusal(refused: Refused) -> ApiError {
    let wrong = matches!(refused, Refused::WrongCurrentPassword);
    let error = ApiError::from(refused);
    if wrong { error.about("password") } else { error }
}

pub(super) fn titled(path: String, title: &str, content: Markup) -> Written {
    Written { path, title: title.to_owned(), content }
}

fn mine(passkey: OwnPasskey) -> MyPasskey {
    let OwnPasskey { id, name, created_at, used_at } = passkey;
    MyPasskey { id, name, created_at, used_at }
}

/// A page of somebody who is signed in, and nothing else to be found out for it.
async fn own(
    state: &PageState,
    headers: HeaderMap,
    page: impl FnOnce(&Frame, bool) -> Written,
) -> Response {
    match signed_in(state, &headers).await {
        Ok(caller) => asking(state, &caller, headers, page).await,
        Err(response) => response,
    }
}

/// A page that asks for the password of whoever has one.
async fn asking(
    state: &PageState,
    caller: &Caller,
    headers: HeaderMap,
    page: impl FnOnce(&Frame, bool) -> Written,
) -> Response {
    match state.services.accounts.has_password(caller).await {
        Ok(has) => show(state, caller, headers, |frame| page(frame, has)).await,
        Err(error) => render::unavailable(&error),
    }
}

async fn show(
    state: &PageState,
    caller: &Caller,
    headers: HeaderMap,
    page: impl FnOnce(&Frame) -> Written,
) -> Response {
    let page = page(&render::frame(state, Some(caller), None));
    render::written(state, Some(caller), headers, page, StatusCode::OK).await
}

async fn signed_in(state: &PageState, headers: &HeaderMap) -> Result<Caller, Response> {
    match render::caller(state, headers).await {
        Ok(Some(caller)) => Ok(caller),
        Ok(None) => Err(Redirect::to("/login").into_response()),
        Err(error) => Err(render::unavailable(&error)),
    }
}
