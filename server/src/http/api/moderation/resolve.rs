//! `POST /api/v1/moderation/reports/{id}/resolve`

use axum::Json;
use axum::extract::State;
use siskin_domain::Reason;
use utoipa::ToSchema;

use crate::application::Caller;
use crate::http::api::address::ReportPath;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::openapi::Done;
use crate::http::api::problems::Moderating;
use crate::http::state::HttpState;

/// What came of a report.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct Outcome {
    /// In words, if there is something to say.
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// Takes a report from the queue. One that is done with already is left as it is. For moderators.
#[utoipa::path(
    post,
    path = "/api/v1/moderation/reports/{id}/resolve",
    tag = "moderation",
    params(("id" = u64, Path, minimum = 1, maximum = 9007199254740991u64)),
    request_body = Outcome,
    responses((status = 200, description = "Done with.", body = Done), Moderating),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    caller: Caller,
    ReportPath(id): ReportPath,
    json: JsonBody,
) -> Result<Json<Done>, ApiError> {
    let reason = json.optional_text("reason")?.map(Reason::parse).transpose()?;
    state.services.moderation.resolve(&caller, id, reason).await?;
    Ok(Json(Done::SUCCESS))
}
