//! `PUT /api/v1/users/{id}/role`

use axum::Json;
use axum::extract::State;
use siskin_domain::Role;
use utoipa::ToSchema;

use crate::application::Caller;
use crate::application::idempotency::UserAnswer;
use crate::http::api::address::UserPath;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::problems::Moderating;
use crate::http::state::HttpState;

/// What somebody is to be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct NewRole {
    /// `user`, `moderator` or `admin`.
    role: Role,
}

/// Makes somebody a moderator, an admin, or neither. For admins.
#[utoipa::path(
    put,
    path = "/api/v1/users/{id}/role",
    tag = "users",
    params(("id" = u64, Path, minimum = 1, maximum = 9007199254740991u64)),
    request_body = NewRole,
    responses((status = 200, description = "Changed.", body = UserAnswer), Moderating),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn put(
    State(state): State<HttpState>,
    caller: Caller,
    UserPath(id): UserPath,
    json: JsonBody,
) -> Result<Json<UserAnswer>, ApiError> {
    let role: Role = json.text("role")?.parse()?;
    let user = state.services.accounts.change_role(&caller, id, role).await?;
    Ok(Json(UserAnswer::success(user)))
}
