//! `DELETE /api/v1/moderation/tweets/{id}/hiding`

use axum::Json;
use axum::extract::State;

use super::{Because, reason};
use crate::application::Caller;
use crate::http::api::address::TweetPath;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::openapi::Done;
use crate::http::api::problems::Moderating;
use crate::http::state::HttpState;

/// Shows a hidden tweet to everybody again. For moderators.
#[utoipa::path(
    delete,
    path = "/api/v1/moderation/tweets/{id}/hiding",
    tag = "moderation",
    params(("id" = u64, Path, minimum = 1, maximum = 9007199254740991u64)),
    request_body = Because,
    responses((status = 200, description = "Shown.", body = Done), Moderating),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn delete(
    State(state): State<HttpState>,
    caller: Caller,
    TweetPath(id): TweetPath,
    json: JsonBody,
) -> Result<Json<Done>, ApiError> {
    let reason = reason(&json)?;
    state.services.moderation.unhide(&caller, id, reason).await?;
    Ok(Json(Done::SUCCESS))
}
