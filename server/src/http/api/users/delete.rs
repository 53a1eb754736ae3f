//! `DELETE /api/v1/users`

use axum::Json;
use axum::extract::State;
use siskin_domain::Username;
use siskin_domain::user::UserError;
use utoipa::ToSchema;

use crate::http::api::auth::EvenSuspended;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::openapi::Done;
use crate::http::api::problems::DeletingNamed;
use crate::http::state::HttpState;

/// Whose account is to go.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct Named {
    /// Their username.
    #[schema(max_length = 30, example = "eric.strom")]
    username: String,
}

/// Deletes an account with all its tweets and personal data: one's own, or anybody's as an admin.
#[utoipa::path(
    delete,
    path = "/api/v1/users",
    tag = "users",
    request_body = Named,
    responses((status = 200, description = "Gone.", body = Done), DeletingNamed),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn delete(
    State(state): State<HttpState>,
    EvenSuspended(caller): EvenSuspended,
    json: JsonBody,
) -> Result<Json<Done>, ApiError> {
    let username = Username::parse(json.text("username")?).map_err(|_| UserError::NotFound)?;
    state.services.accounts.delete(&caller, &username).await?;
    Ok(Json(Done::SUCCESS))
}
