//! `GET /signup`: the app's form where everybody may join, and else a page that the server writes,
//! since it alone knows of invitations.

use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use siskin_app::written::sign_up::{PATH, WayIn, content};
use siskin_app::written::{Frame, Written};

use super::{PageState, render};
use crate::application::{Refused, Registration};
use crate::http::api::error::ApiError;

/// The page.
pub(super) async fn page(State(state): State<PageState>, request: Request) -> Response {
    if is_open(&state) {
        return render::page(State(state), request).await;
    }
    let (parts, _) = request.into_parts();
    let caller = match render::caller(&state, &parts.headers).await {
        Ok(caller) => caller,
        Err(error) => return render::unavailable(&error),
    };
    let way = match way_in(&state, invite(&parts.uri).as_deref()).await {
        Ok(way) => way,
        Err(refused) => return ApiError::from(refused).into_response(),
    };
    let status = if way == WayIn::Ended { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let page = written(&way, &render::frame(&state, caller.as_ref(), None));
    render::written(&state, caller.as_ref(), parts.headers, page, status).await
}

/// May everybody join, so that the app has the page?
pub(super) fn is_open(state: &PageState) -> bool {
    state.services.rules.community.registration == Registration::Open
}

/// How somebody with this code may join; nothing is used up yet.
///
/// # Errors
/// The store's.
pub(super) async fn way_in(state: &PageState, code: Option<&str>) -> Result<WayIn, Refused> {
    if state.services.rules.community.registration != Registration::Invite {
        return Ok(WayIn::Closed);
    }
    let Some(code) = code else { return Ok(WayIn::NeedsInvitation) };
    match state.services.accounts.check_invitation(code).await {
        Ok(_) => Ok(WayIn::Invited { code: code.to_owned() }),
        Err(Refused::InvitationInvalid) => Ok(WayIn::Ended),
        Err(refused) => Err(refused),
    }
}

/// The page for somebody who may join in this way.
pub(super) fn written(way: &WayIn, frame: &Frame) -> Written {
    Written { path: PATH.to_owned(), title: "Sign up".to_owned(), content: content(way, frame) }
}

/// The code in `?invite=`.
fn invite(uri: &Uri) -> Option<String> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?.0;
    pairs.into_iter().find_map(|(key, value)| (key == "invite").then_some(value))
}
