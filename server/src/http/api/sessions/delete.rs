//! `DELETE /api/v1/sessions`

use axum::Json;
use axum::extract::State;

use crate::http::api::auth::EvenSuspended;
use crate::http::api::error::ApiError;
use crate::http::api::openapi::Done;
use crate::http::api::problems::Owning;
use crate::http::state::HttpState;

/// Ends all of one's own sessions and tokens but the one that asks.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions",
    tag = "sessions",
    responses((status = 200, description = "They count no more.", body = Done), Owning),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn delete(
    State(state): State<HttpState>,
    EvenSuspended(caller): EvenSuspended,
) -> Result<Json<Done>, ApiError> {
    state.services.accounts.end_other_sessions(&caller).await?;
    Ok(Json(Done::SUCCESS))
}
