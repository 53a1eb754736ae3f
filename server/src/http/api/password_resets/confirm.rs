//! `POST /api/v1/password-resets/confirm`

use axum::extract::State;
use axum::response::Response;
use siskin_domain::Password;
use utoipa::ToSchema;

use crate::application::idempotency::KeptAnswer;
use crate::http::api::address::Peer;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once};
use crate::http::api::openapi::Done;
use crate::http::api::problems::Confirming;
use crate::http::rate_limit;
use crate::http::state::HttpState;

/// A new password, and what allows it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; `read` reads it")]
pub(in crate::http::api) struct Reset {
    /// What stands after `token=` in the link.
    #[schema(max_length = 43, example = "7Qm0b3XyqZxk2V8mS4TgkX0y5cN1a9uJrLwEoPdHfGs")]
    token: String,
    /// 8 to 128 characters, and none of the most common passwords.
    #[schema(
        format = "password",
        min_length = 8,
        max_length = 128,
        example = "correct horse battery"
    )]
    password: String,
}

/// Changes the password of whoever the link was made for, once, and ends all of their sessions and
/// tokens.
#[utoipa::path(
    post,
    path = "/api/v1/password-resets/confirm",
    tag = "mail",
    params(KeyHeader),
    request_body = Reset,
    responses(
        (status = 200, description = "It is changed.", body = Done,
            headers(("Idempotency-Replayed" = String))),
        Confirming,
    )
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    Peer(peer): Peer,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let (token, password) = read(&json)?;
    let standings = state.services.throttle.reset(peer).await?;
    let endpoint = "POST /api/v1/password-resets/confirm";
    let asked = Asked { endpoint, caller: None, body: &json.bytes, secret: true };
    let accounts = state.services.accounts.clone();
    let answer = once(&state, key, asked, |once| async move {
        let answer = KeptAnswer::plain(200, &Done::SUCCESS);
        accounts
            .reset_password(&token, password, once.map(|scope| (scope, answer.clone())))
            .await?;
        Ok(answer)
    })
    .await;
    rate_limit::told(answer, standings)
}

/// The link's secret, and the password that is wanted.
pub(in crate::http::api) fn read(json: &JsonBody) -> Result<(String, Password), ApiError> {
    let (token, password) = (json.text("token")?.to_owned(), json.text("password")?);
    Ok((token, Password::parse(password)?))
}
