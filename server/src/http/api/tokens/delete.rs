//! `DELETE /api/v1/tokens/current`

use axum::Json;
use axum::extract::State;

use crate::http::api::auth::BearerCaller;
use crate::http::api::error::ApiError;
use crate::http::api::openapi::Done;
use crate::http::api::problems::Ending;
use crate::http::state::HttpState;

/// Ends the token that the request came with.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/current",
    tag = "tokens",
    responses((status = 200, description = "It counts no more.", body = Done), Ending),
    security(("bearer" = []))
)]
pub(in crate::http::api) async fn delete(
    State(state): State<HttpState>,
    BearerCaller(caller): BearerCaller,
) -> Result<Json<Done>, ApiError> {
    state.services.accounts.log_out(&caller).await?;
    Ok(Json(Done::SUCCESS))
}
