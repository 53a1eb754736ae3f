//! `DELETE /api/v1/moderation/users/{id}/{measure}`

use axum::Json;
use axum::extract::State;

use super::{Because, reason};
use crate::application::Caller;
use crate::http::api::address::MeasurePath;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::openapi::Done;
use crate::http::api::problems::Moderating;
use crate::http::state::HttpState;

/// Ends a measure about somebody: all is as it was before it. For moderators.
#[utoipa::path(
    delete,
    path = "/api/v1/moderation/users/{id}/{measure}",
    tag = "moderation",
    params(
        ("id" = u64, Path, minimum = 1, maximum = 9007199254740991u64),
        ("measure" = String, Path, pattern = "^(warning|silence|suspension)$",
            description = "`warning`, `silence` or `suspension`."),
    ),
    request_body = Because,
    responses((status = 200, description = "Not in force.", body = Done), Moderating),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn delete(
    State(state): State<HttpState>,
    caller: Caller,
    MeasurePath(user, measure): MeasurePath,
    json: JsonBody,
) -> Result<Json<Done>, ApiError> {
    let reason = reason(&json)?;
    state.services.moderation.lift(Some(&caller), user, measure, reason).await?;
    Ok(Json(Done::SUCCESS))
}
