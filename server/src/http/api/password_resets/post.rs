//! `POST /api/v1/password-resets`

use axum::extract::State;
use axum::response::Response;
use siskin_domain::Email;
use utoipa::ToSchema;

use crate::application::idempotency::KeptAnswer;
use crate::http::api::address::Peer;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once_after};
use crate::http::api::openapi::Done;
use crate::http::api::problems::Mailing;
use crate::http::rate_limit;
use crate::http::state::HttpState;

/// Who has forgotten their password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct Forgotten {
    /// The e-mail address of the account.
    #[schema(format = "email", max_length = 254, example = "eric.strom@example.org")]
    email: String,
}

/// Mails a link to a new password to the account with this address, if there is one: the answer
/// is the same in text and time. The link works once, within an hour; a newer one replaces it.
#[utoipa::path(
    post,
    path = "/api/v1/password-resets",
    tag = "mail",
    params(KeyHeader),
    request_body = Forgotten,
    responses(
        (status = 202, description = "A mail is on its way, if there is such an account.",
            body = Done, headers(("Idempotency-Replayed" = String))),
        Mailing,
    )
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    Peer(peer): Peer,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let email = Email::parse(json.text("email")?)?;
    let standings = state.services.throttle.reset(peer).await?;
    let endpoint = "POST /api/v1/password-resets";
    let asked = Asked { endpoint, caller: None, body: &json.bytes, secret: false };
    let services = state.services.clone();
    let answer = once_after(&state, key, asked, async move {
        services.accounts.ask_reset(email)?;
        Ok(KeptAnswer::plain(202, &Done::SUCCESS))
    })
    .await;
    rate_limit::told(answer, standings)
}
