//! `GET /api/v1/invitations`

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::application::Caller;
use crate::application::idempotency::InvitationView;
use crate::http::api::error::ApiError;
use crate::http::api::problems::Owning;
use crate::http::api::rendered::{IfNoneMatch, KnownHeader, Rendered};
use crate::http::state::HttpState;

/// Invitations, newest first.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct InvitationList {
    /// At most 20, or a few more that were made at the same moment.
    invitation_list: Vec<InvitationView>,
}

/// One's own invitations that have not ended, newest first, and who has come by them.
#[utoipa::path(
    get,
    path = "/api/v1/invitations",
    tag = "invitations",
    params(KnownHeader),
    responses(
        (status = 200, description = "A list.", body = InvitationList, headers(("ETag" = String))),
        (status = 304, description = "As `If-None-Match` says."),
        Owning,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn list(
    State(state): State<HttpState>,
    caller: Caller,
    known: IfNoneMatch,
) -> Result<Response, ApiError> {
    let invitations = state.services.accounts.invitations(&caller).await?;
    let invitation_list = invitations.into_iter().map(InvitationView::from).collect();
    Ok(Rendered::json(&InvitationList { invitation_list }).by_caller().answer(&known))
}
