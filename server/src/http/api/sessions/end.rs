//! `DELETE /api/v1/sessions/{id}`

use axum::Json;
use axum::extract::State;

use crate::http::api::address::SessionPath;
use crate::http::api::auth::EvenSuspended;
use crate::http::api::error::ApiError;
use crate::http::api::openapi::Done;
use crate::http::api::problems::EndingOne;
use crate::http::state::HttpState;

/// Ends one of one's own sessions or tokens, and what it has open.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{id}",
    tag = "sessions",
    params(("id" = u64, Path, maximum = 9007199254740991u64)),
    responses((status = 200, description = "It counts no more.", body = Done), EndingOne),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn end(
    State(state): State<HttpState>,
    EvenSuspended(caller): EvenSuspended,
    SessionPath(id): SessionPath,
) -> Result<Json<Done>, ApiError> {
    state.services.accounts.end_session(&caller, id).await?;
    Ok(Json(Done::SUCCESS))
}
