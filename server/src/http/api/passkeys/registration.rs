//! `POST /api/v1/passkeys/registration`

use axum::Json;
use axum::extract::State;
use siskin_domain::Password;
use utoipa::ToSchema;

use super::Options;
use crate::application::Caller;
use crate::application::factors::Confirmed;
use crate::http::api::address::Peer;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::problems::Registering;
use crate::http::state::HttpState;

/// Who wants to register a passkey.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct Registration {
    /// One's own password.
    #[schema(format = "password", max_length = 128, example = "correct horse battery")]
    password: String,
}

/// Begins the registration of a passkey.
#[utoipa::path(
    post,
    path = "/api/v1/passkeys/registration",
    tag = "factors",
    request_body = Registration,
    responses((status = 200, description = "What to ask an authenticator.", body = Options), Registering),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    caller: Caller,
    Peer(from): Peer,
    json: JsonBody,
) -> Result<Json<Options>, ApiError> {
    let password = Password::claimed(json.text("password")?);
    let confirmed = Confirmed { caller: &caller, password, from };
    let asked = state.services.factors.begin_passkey(confirmed).await?;
    Ok(Json(asked.into()))
}
