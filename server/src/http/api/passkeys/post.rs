//! `POST /api/v1/passkeys`

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use siskin_domain::DisplayName;
use utoipa::ToSchema;

use super::credential;
use crate::application::Caller;
use crate::application::idempotency::KeptAnswer;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::factors::get::PasskeyView;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once_after};
use crate::http::api::problems::Registering;
use crate::http::state::HttpState;

/// A passkey that an authenticator has made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct NewPasskey {
    /// What its owner calls it, up to 50 characters.
    #[schema(min_length = 1, max_length = 50, example = "my phone")]
    name: String,
    /// The authenticator's answer as `PublicKeyCredential.toJSON` gives it, at most 16 KiB.
    #[schema(value_type = Object)]
    credential: serde_json::Value,
}

/// A passkey that is kept now.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct PasskeyKept {
    /// Always `Success`.
    #[schema(example = "Success")]
    status: &'static str,
    /// The passkey.
    passkey: PasskeyView,
}

/// Keeps a passkey, as the answer to the challenge of a registration that was begun.
#[utoipa::path(
    post,
    path = "/api/v1/passkeys",
    tag = "factors",
    params(KeyHeader),
    request_body = NewPasskey,
    responses(
        (status = 201, description = "It is kept.", body = PasskeyKept,
            headers(("Idempotency-Replayed" = String))),
        Registering,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    caller: Caller,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let (name, credential) = (json.text("name")?, credential(&json)?);
    let name = DisplayName::parse(name)?;
    let (endpoint, user) = ("POST /api/v1/passkeys", Some(caller.actor.id));
    let asked = Asked { endpoint, caller: user, body: &json.bytes, secret: false };
    let factors = state.services.factors.clone();
    // A challenge counts once, so nothing is kept twice.
    once_after(&state, key, asked, async move {
        let passkey = factors.finish_passkey(&caller, name, &credential).await?.into();
        Ok(KeptAnswer::created_unnamed(&PasskeyKept { status: "Success", passkey }))
    })
    .await
}
