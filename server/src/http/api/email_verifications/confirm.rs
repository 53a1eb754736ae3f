//! `POST /api/v1/email-verifications/confirm`

use axum::extract::State;
use axum::response::Response;
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

/// What shows that an address is one's own.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct Shown {
    /// What stands after `token=` in the link.
    #[schema(max_length = 43, example = "7Qm0b3XyqZxk2V8mS4TgkX0y5cN1a9uJrLwEoPdHfGs")]
    token: String,
}

/// Notes that the address that the link was mailed to is its owner's, once.
#[utoipa::path(
    post,
    path = "/api/v1/email-verifications/confirm",
    tag = "mail",
    params(KeyHeader),
    request_body = Shown,
    responses(
        (status = 200, description = "It is noted.", body = Done,
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
    let token = json.text("token")?.to_owned();
    // Refusals are kept for their keys, too: nobody fills the store with them.
    let standings = state.services.throttle.reset(peer).await?;
    let endpoint = "POST /api/v1/email-verifications/confirm";
    let asked = Asked { endpoint, caller: None, body: &json.bytes, secret: false };
    let accounts = state.services.accounts.clone();
    let answer = once(&state, key, asked, |once| async move {
        let answer = KeptAnswer::plain(200, &Done::SUCCESS);
        accounts.verify_address(&token, once.map(|scope| (scope, answer.clone()))).await?;
        Ok(answer)
    })
    .await;
    rate_limit::told(answer, standings)
}
