//! `POST /api/v1/passkeys/session`

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use utoipa::ToSchema;

use super::credential;
use crate::application::idempotency::KeptAnswer;
use crate::application::{NewSession, caller_cookie_name};
use crate::http::api::address::{Origin, Peer};
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once_after};
use crate::http::api::openapi::Done;
use crate::http::api::problems::LoggingInByPasskey;
use crate::http::pages::cookies;
use crate::http::state::HttpState;
use crate::http::{cookie, csrf};

/// A passkey that an authenticator has shown.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct ShownPasskey {
    /// The authenticator's answer as `PublicKeyCredential.toJSON` gives it, at most 16 KiB.
    #[schema(value_type = Object)]
    credential: serde_json::Value,
}

/// Signs a browser in by passkey, as the answer to a challenge. A passkey is both factors: neither
/// password nor code is asked for.
#[utoipa::path(
    post,
    path = "/api/v1/passkeys/session",
    tag = "factors",
    params(KeyHeader),
    request_body = ShownPasskey,
    responses(
        (status = 200, description = "Signed in.", body = Done,
            headers(("Set-Cookie" = String), ("Idempotency-Replayed" = String))),
        LoggingInByPasskey,
    )
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    Peer(from): Peer,
    Origin(client): Origin,
    headers: HeaderMap,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    // It gives a cookie, so the page must be ours, whoever its reader is now.
    csrf::same_origin(&headers, &state.services.rules)?;
    let credential = credential(&json)?;
    if key.is_given() {
        // Refusals are kept, too.
        state.services.factors.may_show_passkey(from).await?;
    }
    let before = cookie::caller(&headers, &state.services).await?;
    let replaces = before.map(|caller| caller.token);
    let new = NewSession { replaces, ..NewSession::browser(client) };
    let endpoint = "POST /api/v1/passkeys/session";
    let asked = Asked { endpoint, caller: None, body: &json.bytes, secret: false };
    let services = state.services.clone();
    // A challenge counts once, so nobody is signed in twice.
    once_after(&state, key, asked, async move {
        let session = services.factors.log_in_by_passkey(&credential, new).await?;
        let https = services.rules.secure_cookies;
        let cookie = cookies::set_session(caller_cookie_name(https), session.secret, https);
        let cookie = cookie.and_then(|line| line.to_str().map(str::to_owned).ok());
        Ok(KeptAnswer { cookie, ..KeptAnswer::plain(200, &Done::SUCCESS) })
    })
    .await
}
