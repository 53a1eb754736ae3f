//! `GET /settings/sessions`, and what the page tells of sessions.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use siskin_app::context::{MySession, MySessions};

use super::{PageState, render};
use crate::application::Caller;
use crate::storage::{OwnSession, SessionId, SessionKind, StoreError};

/// The page, for somebody who is signed in.
pub(super) async fn page(State(state): State<PageState>, request: Request) -> Response {
    match render::caller(&state, request.headers()).await {
        Err(error) => render::unavailable(&error),
        Ok(None) => Redirect::to("/login").into_response(),
        Ok(Some(caller)) => show(&state, &caller, request, None).await,
    }
}

/// The page with a new token's secret, if there is one.
pub(super) async fn show(
    state: &PageState,
    caller: &Caller,
    request: Request,
    made: Option<String>,
) -> Response {
    match mine(state, caller).await {
        Ok(list) => {
            let sessions = MySessions { made, ..list };
            render::with_sessions(state, caller, request, sessions, StatusCode::OK).await
        }
        Err(error) => render::unavailable(&error),
    }
}

/// The caller's sessions and tokens.
pub(super) async fn mine(state: &PageState, caller: &Caller) -> Result<MySessions, StoreError> {
    let current = SessionId::of(&caller.token);
    let list = state.services.accounts.sessions(caller).await?;
    let list = list.into_iter().map(|session| shown(session, current)).collect();
    Ok(MySessions { list, made: None })
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
