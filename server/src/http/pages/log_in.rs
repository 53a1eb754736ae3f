//! `GET /log-in/code` and `GET /log-in/passkey`: the steps of a log-in beside the password.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, StatusCode};
use siskin_app::written::log_in::{self, CODE_PATH, PASSKEY_PATH};
use siskin_app::written::{Frame, Written};

use super::{PageState, cookies, render};

/// The page that asks for the code, for whoever has shown the password a moment ago.
pub(super) async fn code(State(state): State<PageState>, headers: HeaderMap) -> Response {
    let secret = cookies::code(&headers, state.services.rules.secure_cookies);
    let awaited = match secret {
        Some(secret) => state.services.accounts.awaits_code(secret).await,
        None => Ok(false),
    };
    match awaited {
        Ok(true) => {
            let page = written_code(&render::frame(&state, None, None));
            render::written(&state, None, headers, page, StatusCode::OK).await
        }
        Ok(false) => Redirect::to("/login").into_response(),
        Err(error) => render::unavailable(&error),
    }
}

/// The page that asks for the code, in a frame.
pub(super) fn written_code(frame: &Frame) -> Written {
    let (path, title) = (CODE_PATH.to_owned(), "Your code".to_owned());
    Written { path, title, content: log_in::code(frame) }
}

/// The page that asks for a passkey.
pub(super) async fn passkey(State(state): State<PageState>, headers: HeaderMap) -> Response {
    let caller = match render::caller(&state, &headers).await {
        Ok(caller) => caller,
        Err(error) => return render::unavailable(&error),
    };
    let page = Written {
        path: PASSKEY_PATH.to_owned(),
        title: "Log in with a passkey".to_owned(),
        content: log_in::passkey(state.services.factors.passkeys_possible()),
    };
    render::written(&state, caller.as_ref(), headers, page, StatusCode::OK).await
}
