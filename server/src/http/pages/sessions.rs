//! `GET /settings/sessions`, and what the page tells of sessions.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use siskin_app::written::sessions::{MySession, MySessions, PATH, content};
use siskin_app::written::{Frame, Written};

use super::{PageState, render};
use crate::application::Caller;
use crate::storage::{OwnSession, SessionId, SessionKind, StoreError};

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

/// The page with these sessions.
pub(super) fn written(mine: &MySessions, frame: &Frame) -> Written {
    Written {
        path: PATH.to_owned(),
        title: "Sessions and tokens".to_owned(),
        content: content(mine, frame),
    }
}

/// The caller's sessions and tokens.
pub(super) async fn mine(state: &PageState, caller: &Caller) -> Result<MySessions, StoreError> {
    let current = SessionId::of(&caller.token);
    let accounts = &state.services.accounts;
    let (list, more) = accounts.sessions(caller).await?;
    let list = list.into_iter().map(|session| shown(session, current)).collect();
    Ok(MySessions { list, more, made: None, invites: accounts.may_invite(caller).is_ok() })
}

fn shown(session: OwnSession, current: SessionId) -> MySession {
    MySession {
        id: session.id.0,
        is_token: session.kind == SessionKind::Bearer,
        name: session.name,
        device: session.client.device,
        place: session.client.place,
        scopes: session.scopes.names(),
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
        current: session.id == current,
    }
}
