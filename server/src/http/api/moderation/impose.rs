//! `PUT /api/v1/moderation/users/{id}/{measure}`

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

/// Puts a measure in force about somebody: tells them a warning until they have read it, keeps their
/// tweets out of everybody's timeline, or lets nobody see them and them change nothing. For moderators.
///
/// One that is in force already is left as it is, except that a warning is given again.
#[utoipa::path(
    put,
    path = "/api/v1/moderation/users/{id}/{measure}",
    tag = "moderation",
    params(
        ("id" = u64, Path, minimum = 1, maximum = 9007199254740991u64),
        ("measure" = String, Path, pattern = "^(warning|silence|suspension)$",
            description = "`warning`, `silence` or `suspension`."),
    ),
    request_body = Because,
    responses((status = 200, description = "In force.", body = Done), Moderating),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn put(
    State(state): State<HttpState>,
    caller: Caller,
    MeasurePath(user, measure): MeasurePath,
    json: JsonBody,
) -> Result<Json<Done>, ApiError> {
    let reason = reason(&json)?;
    state.services.moderation.impose(Some(&caller), user, measure, reason).await?;
    Ok(Json(Done::SUCCESS))
}
