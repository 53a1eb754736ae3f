//! `POST /api/v1/email-verifications`

use axum::extract::State;
use axum::response::Response;

use crate::application::Caller;
use crate::application::idempotency::KeptAnswer;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once_after};
use crate::http::api::openapi::Done;
use crate::http::api::problems::MailingOneself;
use crate::http::state::HttpState;

/// Mails the caller a new link with which they show that their e-mail address is theirs. Nothing is
/// sent if they have shown it already. The link works once, within 24 hours.
#[utoipa::path(
    post,
    path = "/api/v1/email-verifications",
    tag = "mail",
    params(KeyHeader),
    responses(
        (status = 202, description = "A mail is on its way, if one is needed.", body = Done,
            headers(("Idempotency-Replayed" = String))),
        MailingOneself,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    caller: Caller,
    key: IdempotencyKey,
) -> Result<Response, ApiError> {
    let (endpoint, user) = ("POST /api/v1/email-verifications", Some(caller.actor.id));
    let asked = Asked { endpoint, caller: user, body: &[], secret: false };
    let services = state.services.clone();
    once_after(&state, key, asked, async move {
        services.accounts.verify_again(&caller).await?;
        Ok(KeptAnswer::plain(202, &Done::SUCCESS))
    })
    .await
}
