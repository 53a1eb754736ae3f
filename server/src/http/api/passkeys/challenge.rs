//! `POST /api/v1/passkeys/challenge`

use axum::Json;
use axum::extract::State;
use http::HeaderMap;

use super::Options;
use crate::http::api::address::Peer;
use crate::http::api::error::ApiError;
use crate::http::api::problems::LoggingInByPasskey;
use crate::http::csrf;
use crate::http::state::HttpState;

/// Begins a log-in by passkey.
#[utoipa::path(
    post,
    path = "/api/v1/passkeys/challenge",
    tag = "factors",
    responses(
        (status = 200, description = "What to ask an authenticator.", body = Options),
        LoggingInByPasskey,
    )
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    Peer(from): Peer,
    headers: HeaderMap,
) -> Result<Json<Options>, ApiError> {
    csrf::same_origin(&headers, &state.services.rules)?;
    let asked = state.services.factors.ask_for_passkey(from).await?;
    Ok(Json(asked.into()))
}
