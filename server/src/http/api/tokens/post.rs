//! `POST /api/v1/tokens`

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use siskin_domain::{DisplayName, Password};
use utoipa::ToSchema;

use crate::application::idempotency::{KeptAnswer, TokenAnswer};
use crate::http::api::address::Peer;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once};
use crate::http::api::problems::LoggingIn;
use crate::http::rate_limit;
use crate::http::state::HttpState;

/// Who wants a token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct LogIn {
    /// The username, or the e-mail address.
    #[schema(example = "eric.strom")]
    username: String,
    /// The password.
    #[schema(format = "password", example = "correct horse battery")]
    password: String,
    /// What its owner calls the token, up to 50 characters.
    #[schema(min_length = 1, example = "my phone")]
    name: Option<String>,
}

/// Signs in for a token, which lasts a year.
///
/// A wrong password and an unknown user are the same in text and time.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    tag = "tokens",
    params(KeyHeader),
    request_body = LogIn,
    responses(
        (status = 201, description = "The token, shown this once.", body = TokenAnswer,
            headers(("Idempotency-Replayed" = String))),
        LoggingIn,
    )
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    Peer(peer): Peer,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let login = json.text("username")?.to_owned();
    let password = Password::claimed(json.text("password")?);
    let name = json.optional_text("name")?.map(DisplayName::parse).transpose()?;
    let name = name.map(String::from).unwrap_or_default();
    let attempt = state.services.throttle.log_in(peer, &login).await?;
    let endpoint = "POST /api/v1/tokens";
    let asked = Asked { endpoint, caller: None, body: &json.bytes, secret: true };
    let accounts = state.services.accounts.clone();
    let answer = once(&state, key, asked, |once| async move {
        let token = accounts.issue_token(&login, password, name, once).await?;
        Ok(KeptAnswer::created_unnamed(&TokenAnswer::new(&token.secret, token.created_at)))
    })
    .await;
    // Only a wrong guess counts.
    let wrong = answer.as_ref().is_err_and(|error| error.status() == StatusCode::UNAUTHORIZED);
    let standings = if wrong { attempt.failed() } else { attempt.succeeded().await };
    rate_limit::told(answer, standings)
}
