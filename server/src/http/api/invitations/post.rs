//! `POST /api/v1/invitations`

use axum::extract::State;
use axum::response::Response;
use siskin_domain::DisplayName;
use utoipa::ToSchema;

use crate::application::idempotency::{InvitationAnswer, KeptAnswer};
use crate::application::{Caller, INVITATION_DAYS, INVITATION_USES, NewInvitation};
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once};
use crate::http::api::problems::Changing;
use crate::http::state::HttpState;

/// An invitation to be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; `read` reads it")]
pub(in crate::http::api) struct Wanted {
    /// What its owner calls it, up to 50 characters.
    #[schema(min_length = 1, max_length = 50, example = "For the choir")]
    name: Option<String>,
    /// How many people may come by it; 1 unless given.
    #[schema(minimum = 1, maximum = 100)]
    uses: Option<u8>,
    /// After how many days it ends; 7 unless given.
    #[schema(minimum = 1, maximum = 30)]
    expires_in_days: Option<u16>,
}

/// Invites somebody, while joining needs an invitation and the operator lets one invite.
#[utoipa::path(
    post,
    path = "/api/v1/invitations",
    tag = "invitations",
    params(KeyHeader),
    request_body = Wanted,
    responses(
        (status = 201, description = "The code, shown this once.", body = InvitationAnswer,
            headers(("Idempotency-Replayed" = String))),
        Changing,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    caller: Caller,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let new = read(&json)?;
    let endpoint = "POST /api/v1/invitations";
    let asked = Asked { endpoint, caller: Some(caller.actor.id), body: &json.bytes, secret: false };
    let accounts = state.services.accounts.clone();
    once(&state, key, asked, |once| async move {
        Ok(KeptAnswer::created_unnamed(&accounts.invite(&caller, new, once).await?))
    })
    .await
}

/// All keys are looked at before any rule: 400 comes before 422.
pub(in crate::http::api) fn read(json: &JsonBody) -> Result<NewInvitation, ApiError> {
    let name = json.optional_text("name")?;
    let uses = json.optional_number("uses")?.unwrap_or(1);
    let days = json.optional_number("expires_in_days")?.unwrap_or(7);
    let name = name.map(DisplayName::parse).transpose()?.map(String::from).unwrap_or_default();
    let uses = u8::try_from(uses).ok().filter(|uses| INVITATION_USES.contains(uses));
    let uses = uses.ok_or_else(|| {
        let message = "An invitation is for 1 to 100 people.";
        ApiError::unprocessable("uses_invalid", "uses", message)
    })?;
    let days = u16::try_from(days).ok().filter(|days| INVITATION_DAYS.contains(days));
    let lasts_days = days.ok_or_else(|| {
        let message = "An invitation lasts from 1 to 30 days.";
        ApiError::unprocessable("expires_in_days_invalid", "expires_in_days", message)
    })?;
    Ok(NewInvitation { name, uses, lasts_days })
}
