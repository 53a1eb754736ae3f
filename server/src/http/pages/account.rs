//! `GET /account/…` and `GET /settings/mail`: what links in mails lead to, and what asks for them.

use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use siskin_app::written::account::{self, CameBy, MyAddress};
use siskin_app::written::{Frame, Written};

use super::{PageState, render};
use crate::application::{Caller, Link, Refused};
use crate::http::api::error::ApiError;

/// What stands in the address of a link.
#[derive(Deserialize)]
pub(super) struct Secret {
    #[serde(default)]
    token: String,
}

/// Reads the query only, for [`crate::fuzzing`].
pub(super) fn read(uri: &http::Uri) {
    let _ = Query::<Secret>::try_from_uri(uri);
}

/// `GET /account/forgot`
pub(super) async fn forgot(State(state): State<PageState>, request: Request) -> Response {
    let headers = request.into_parts().0.headers;
    let caller = match render::caller(&state, &headers).await {
        Ok(caller) => caller,
        Err(error) => return render::unavailable(&error),
    };
    let page = forgot_page(&state, &render::frame(&state, caller.as_ref(), None));
    render::written(&state, caller.as_ref(), headers, page, StatusCode::OK).await
}

/// `GET /account/reset`
pub(super) async fn reset(
    State(state): State<PageState>,
    Query(secret): Query<Secret>,
    request: Request,
) -> Response {
    opened(&state, Link::Reset, secret.token, request.into_parts().0.headers).await
}

/// `GET /account/verify`
pub(super) async fn verify(
    State(state): State<PageState>,
    Query(secret): Query<Secret>,
    request: Request,
) -> Response {
    opened(&state, Link::Verify, secret.token, request.into_parts().0.headers).await
}

/// `GET /settings/mail`
pub(super) async fn address(State(state): State<PageState>, request: Request) -> Response {
    let headers = request.into_parts().0.headers;
    let caller = match render::caller(&state, &headers).await {
        Ok(Some(caller)) => caller,
        Ok(None) => return Redirect::to("/login").into_response(),
        Err(error) => return render::unavailable(&error),
    };
    match my_address(&state, &caller).await {
        Ok(mine) => {
            let page = address_page(&mine, &render::frame(&state, Some(&caller), None));
            render::written(&state, Some(&caller), headers, page, StatusCode::OK).await
        }
        Err(refused) => ApiError::from(refused).into_response(),
    }
}

/// A page that somebody came to by a link. Opening it does not use the link up.
async fn opened(state: &PageState, link: Link, token: String, headers: HeaderMap) -> Response {
    let caller = match render::caller(state, &headers).await {
        Ok(caller) => caller,
        Err(error) => return render::unavailable(&error),
    };
    let valid = match state.services.accounts.is_link(link, &token).await {
        Ok(valid) => valid,
        Err(refused) => return ApiError::from(refused).into_response(),
    };
    let frame = render::frame(state, caller.as_ref(), None);
    let page = link_page(link, &CameBy { token, valid }, &frame);
    hidden(render::written(state, caller.as_ref(), headers, page, StatusCode::OK).await)
}

/// Keeps the secret in a page's address out of caches, and out of the `Referer` of whatever the page
/// loads. `no-referrer` would do the latter as well, but lets browsers send a form with the origin
/// `null`, which is refused as foreign.
pub(super) fn hidden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    response
}

/// The page that asks for a link to a new password.
pub(super) fn forgot_page(state: &PageState, frame: &Frame) -> Written {
    let content = account::forgot(state.services.accounts.sends_mail(), frame);
    written(account::FORGOT_PATH, "Forgot your password?", content)
}

/// The page that a link leads to.
pub(super) fn link_page(link: Link, came_by: &CameBy, frame: &Frame) -> Written {
    match link {
        Link::Reset => {
            let content = account::reset(came_by, frame);
            written(account::RESET_PATH, "Choose a new password", content)
        }
        Link::Verify => {
            let content = account::verify(came_by, frame);
            written(account::VERIFY_PATH, "Is this address yours?", content)
        }
    }
}

/// The page of one's own address.
pub(super) fn address_page(mine: &MyAddress, frame: &Frame) -> Written {
    written(account::ADDRESS_PATH, "E-mail address", account::address(mine, frame))
}

fn written(path: &str, title: &str, content: maud::Markup) -> Written {
    Written { path: path.to_owned(), title: title.to_owned(), content }
}

/// What that page tells.
pub(super) async fn my_address(state: &PageState, caller: &Caller) -> Result<MyAddress, Refused> {
    let accounts = &state.services.accounts;
    let own = accounts.own_address(caller).await?;
    let (email, verified) = (own.email.into(), own.verified);
    Ok(MyAddress { email, verified, mails: accounts.sends_mail() })
}
