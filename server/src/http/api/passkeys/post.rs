//! `POST /api/v1/passkeys`

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use siskin_domain::DisplayName;
use utoipa::ToSchema;

use super::credential;
use crate::application::Caller;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::factors::get::PasskeyView;
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
    request_body = NewPasskey,
    responses((status = 201, description = "It is kept.", body = PasskeyKept), Registering),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    caller: Caller,
    json: JsonBody,
) -> Result<(StatusCode, Json<PasskeyKept>), ApiError> {
    let (name, credential) = (json.text("name")?, credential(&json)?);
    let name = DisplayName::parse(name)?;
    let kept = state.services.factors.finish_passkey(&caller, name, &credential).await?;
    let kept = PasskeyKept { status: "Success", passkey: kept.into() };
    Ok((StatusCode::CREATED, Json(kept)))
}
