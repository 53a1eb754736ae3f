//! `DELETE /api/v2/tweets/{id}`

use axum::Json;
use axum::extract::State;

use crate::application::Caller;
use crate::http::api::address::TweetPath;
use crate::http::api::error::ApiError;
use crate::http::api::openapi::Done;
use crate::http::api::problems::Deleting;
use crate::http::state::HttpState;

/// Deletes a tweet: one's own, or anybody's as a moderator or an admin.
#[utoipa::path(
    delete,
    path = "/api/v2/tweets/{id}",
    tag = "tweets",
    params(("id" = u64, Path, minimum = 1, maximum = 9007199254740991u64)),
    responses((status = 200, description = "Gone.", body = Done), Deleting),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn delete(
    State(state): State<HttpState>,
    caller: Caller,
    TweetPath(id): TweetPath,
) -> Result<Json<Done>, ApiError> {
    state.services.tweets.delete(&caller, id).await?;
    Ok(Json(Done::SUCCESS))
}
