//! `POST /api/v1/passkeys/challenge`

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

use super::Options;
use crate::application::idempotency::KeptAnswer;
use crate::http::api::address::Peer;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once_after};
use crate::http::api::problems::LoggingInByPasskey;
use crate::http::csrf;
use crate::http::state::HttpState;

/// Begins a log-in by passkey.
#[utoipa::path(
    post,
    path = "/api/v1/passkeys/challenge",
    tag = "factors",
    params(KeyHeader),
    responses(
        (status = 200, description = "What to ask an authenticator.", body = Options,
            headers(("Idempotency-Replayed" = String))),
        LoggingInByPasskey,
    )
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    Peer(from): Peer,
    key: IdempotencyKey,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    csrf::same_origin(&headers, &state.services.rules)?;
    let visitor = state.services.factors.may_show_passkey(from).await?;
    let endpoint = "POST /api/v1/passkeys/challenge";
    let asked = Asked { endpoint, caller: None, body: &[], secret: false };
    let factors = state.services.factors.clone();
    once_after(&state, key, asked, async move {
        let options = factors.ask_for_passkey(visitor).await?;
        Ok(KeptAnswer::plain(200, &Options::from(options)))
    })
    .await
}
