//! `GET /api/v1/sessions`

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use siskin_domain::Timestamp;
use utoipa::ToSchema;

use crate::application::Caller;
use crate::http::api::error::ApiError;
use crate::http::api::problems::Owning;
use crate::http::api::rendered::{IfNoneMatch, KnownHeader, Rendered};
use crate::http::state::HttpState;
use crate::storage::{OwnSession, SessionId};

/// One of one's own sessions or tokens.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct SessionView {
    /// Number below 2^53: what to end it by.
    #[schema(example = 4_362_076_160_003u64)]
    id: u64,
    /// `cookie` for a browser, `bearer` for a token.
    #[schema(example = "cookie")]
    kind: &'static str,
    /// What its owner calls it; empty for browsers.
    name: String,
    /// The browser and the system that began it; empty if unknown.
    #[schema(example = "Firefox on Linux")]
    device: String,
    /// The network that it was begun from, in words; empty if unknown.
    #[schema(example = "the network 203.0.113.0/24")]
    place: String,
    /// What it may be used for: `read`, `write`, `admin`.
    #[schema(example = json!(["read", "write", "admin"]))]
    scopes: Vec<&'static str>,
    /// When it began.
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// When it was last used, to about five minutes.
    #[schema(value_type = String, format = "date-time")]
    last_seen_at: Timestamp,
    /// When it ends by itself.
    #[schema(value_type = String, format = "date-time")]
    expires_at: Timestamp,
    /// Is it the one that asks?
    current: bool,
}

/// Sessions and tokens, those that were used last first.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct SessionList {
    /// At most 100.
    session_list: Vec<SessionView>,
}

/// One's own sessions and tokens, those that were used last first; at most 100.
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    tag = "sessions",
    params(KnownHeader),
    responses(
        (status = 200, description = "A list.", body = SessionList, headers(("ETag" = String))),
        (status = 304, description = "As `If-None-Match` says."),
        Owning,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn list(
    State(state): State<HttpState>,
    caller: Caller,
    known: IfNoneMatch,
) -> Result<Response, ApiError> {
    let current = SessionId::of(&caller.token);
    let (sessions, _) = state.services.accounts.sessions(&caller).await?;
    let session_list = sessions.into_iter().map(|session| view(session, current)).collect();
    Ok(Rendered::json(&SessionList { session_list }).by_caller().answer(&known))
}

fn view(session: OwnSession, current: SessionId) -> SessionView {
    SessionView {
        id: session.id.0,
        kind: session.kind.as_str(),
        name: session.name,
        device: session.client.device,
        place: session.client.place,
        scopes: session.scopes.names(),
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
        current: session.id == current,
    }
}
