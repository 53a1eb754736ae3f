//! `POST /api/v1/passkeys/registration`

use axum::extract::State;
use axum::response::Response;
use siskin_domain::{DisplayName, Password};
use utoipa::ToSchema;

use super::Options;
use crate::application::Caller;
use crate::application::factors::Confirmed;
use crate::application::idempotency::KeptAnswer;
use crate::http::api::address::Peer;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once_after};
use crate::http::api::problems::Registering;
use crate::http::state::HttpState;

/// Who wants to register a passkey.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct Registration {
    /// One's own password; empty if one has none.
    #[schema(format = "password", max_length = 128, example = "correct horse battery")]
    password: String,
    /// What it will be called, up to 50 characters: refused before a device makes a key that nobody
    /// would keep. `POST /api/v1/passkeys` takes it again.
    #[schema(min_length = 1, max_length = 50, example = "my phone")]
    name: Option<String>,
}

/// Begins the registration of a passkey.
#[utoipa::path(
    post,
    path = "/api/v1/passkeys/registration",
    tag = "factors",
    params(KeyHeader),
    request_body = Registration,
    responses(
        (status = 200, description = "What to ask an authenticator.", body = Options,
            headers(("Idempotency-Replayed" = String))),
        Registering,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    caller: Caller,
    Peer(from): Peer,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let password = Password::claimed(json.text("password")?);
    if let Some(name) = json.optional_text("name")? {
        DisplayName::parse(name)?;
    }
    let confirmed = Confirmed { caller: &caller, password, from };
    let factors = state.services.factors.clone();
    // Before the key is looked at, which costs a hash where a body holds a password.
    let owner = factors.prove(confirmed).await?;
    let endpoint = "POST /api/v1/passkeys/registration";
    let asked = Asked { endpoint, caller: Some(owner.id()), body: &json.bytes, secret: true };
    once_after(&state, key, asked, async move {
        let options = factors.begin_passkey(&owner).await?;
        Ok(KeptAnswer::plain(200, &Options::from(options)))
    })
    .await
}
