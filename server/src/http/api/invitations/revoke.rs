//! `DELETE /api/v1/invitations/{id}`

use axum::Json;
use axum::extract::State;

use crate::application::Caller;
use crate::http::api::address::InvitationPath;
use crate::http::api::error::ApiError;
use crate::http::api::openapi::Done;
use crate::http::api::problems::EndingOne;
use crate::http::state::HttpState;

/// Ends one of one's own invitations: nobody comes by it any more. Whoever has come stays.
#[utoipa::path(
    delete,
    path = "/api/v1/invitations/{id}",
    tag = "invitations",
    params(("id" = u64, Path, maximum = 9007199254740991u64)),
    responses((status = 200, description = "It counts no more.", body = Done), EndingOne),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn revoke(
    State(state): State<HttpState>,
    caller: Caller,
    InvitationPath(id): InvitationPath,
) -> Result<Json<Done>, ApiError> {
    state.services.accounts.revoke_invitation(&caller, id).await?;
    Ok(Json(Done::SUCCESS))
}
