//! `GET /api/v1/users/{id}`

use axum::extract::State;
use axum::response::Response;
use siskin_domain::user::UserError;
use siskin_domain::wire;

use crate::http::api::address::UserPath;
use crate::http::api::auth::MaybeCaller;
use crate::http::api::error::ApiError;
use crate::http::api::problems::FindingAs;
use crate::http::api::rendered::{IfNoneMatch, KnownHeader, Rendered};
use crate::http::state::HttpState;

/// One person, in a list of one.
///
/// Email and role are there for the caller themselves and for admins.
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}",
    tag = "users",
    params(
        ("id" = u64, Path, minimum = 1, maximum = 9007199254740991u64),
        KnownHeader,
    ),
    responses(
        (status = 200, description = "The person.", body = wire::UserDetails,
            headers(("ETag" = String))),
        (status = 304, description = "As `If-None-Match` says."),
        FindingAs,
    ),
    security((), ("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn get(
    State(state): State<HttpState>,
    MaybeCaller(caller): MaybeCaller,
    UserPath(id): UserPath,
    known: IfNoneMatch,
) -> Result<Response, ApiError> {
    let found = state.services.queries.user(id, caller.as_ref()).await?;
    let user = found.ok_or(UserError::NotFound)?;
    let details = wire::UserDetails { user_details: vec![user] };
    Ok(Rendered::json(&details).by_caller().answer(&known))
}
