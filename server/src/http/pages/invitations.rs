//! `GET /settings/invitations`, and what the page tells of invitations.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use siskin_app::written::invitations::{Guest, MyInvitation, MyInvitations, PATH, content};
use siskin_app::written::{Frame, Written};

use super::{PageState, render};
use crate::application::{Caller, Invitation};
use crate::http::api::error::ApiError;
use crate::storage::StoreError;

/// Of how many who came by an invitation the page tells the names.
const NAMED: usize = 10;

/// The page, for somebody who is signed in.
pub(super) async fn page(State(state): State<PageState>, request: Request) -> Response {
    let caller = match render::caller(&state, request.headers()).await {
        Err(error) => return render::unavailable(&error),
        Ok(None) => return Redirect::to("/login").into_response(),
        Ok(Some(caller)) => caller,
    };
    match mine(&state, &caller).await {
        Ok(mine) => {
            let page = written(&mine, &render::frame(&state, Some(&caller), None));
            let headers = request.into_parts().0.headers;
            render::written(&state, Some(&caller), headers, page, StatusCode::OK).await
        }
        Err(error) => render::unavailable(&error),
    }
}

/// The page with these invitations.
pub(super) fn written(mine: &MyInvitations, frame: &Frame) -> Written {
    Written {
        path: PATH.to_owned(),
        title: "Invitations".to_owned(),
        content: content(mine, frame),
    }
}

/// The caller's invitations, and whether they may make more.
pub(super) async fn mine(state: &PageState, caller: &Caller) -> Result<MyInvitations, StoreError> {
    let accounts = &state.services.accounts;
    let mut list = Vec::new();
    for invitation in accounts.invitations(caller).await? {
        list.push(shown(state, invitation).await?);
    }
    let refused = accounts.may_invite(caller).err().map(|refused| ApiError::from(refused).body());
    Ok(MyInvitations { list, made: None, refused: refused.map(|error| error.message) })
}

async fn shown(state: &PageState, invitation: Invitation) -> Result<MyInvitation, StoreError> {
    let mut guests = Vec::new();
    for id in invitation.came.iter().take(NAMED) {
        if let Some(user) = state.services.queries.user(*id, None).await? {
            guests.push(Guest { username: user.username, name: user.name });
        }
    }
    Ok(MyInvitation {
        id: invitation.id.0,
        name: invitation.name,
        uses: invitation.uses,
        used: invitation.came.len(),
        guests,
        expires_at: invitation.expires_at,
    })
}
