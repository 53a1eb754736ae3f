//! `POST /api/v1/moderation/reports/{id}/resolve`

use axum::extract::State;
use axum::response::Response;
use siskin_domain::Reason;
use utoipa::ToSchema;

use crate::application::Caller;
use crate::application::idempotency::KeptAnswer;
use crate::http::api::address::ReportPath;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once_after};
use crate::http::api::openapi::Done;
use crate::http::api::problems::Moderating;
use crate::http::state::HttpState;

/// What came of a report.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; `read` reads it")]
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
    params(("id" = u64, Path, minimum = 1, maximum = 9007199254740991u64), KeyHeader),
    request_body = Outcome,
    responses(
        (status = 200, description = "Done with.", body = Done,
            headers(("Idempotency-Replayed" = String))),
        Moderating,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    caller: Caller,
    ReportPath(id): ReportPath,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let reason = read(&json)?;
    let endpoint = format!("POST /api/v1/moderation/reports/{id}/resolve");
    let user = Some(caller.actor.id);
    let asked = Asked { endpoint: &endpoint, caller: user, body: &json.bytes, secret: false };
    let moderation = state.services.moderation.clone();
    // One that is done with already stays as it is, so this may be done again.
    once_after(&state, key, asked, async move {
        moderation.resolve(&caller, id, reason).await?;
        Ok(KeptAnswer::plain(200, &Done::SUCCESS))
    })
    .await
}

/// What came of it, if that is said.
pub(in crate::http::api) fn read(json: &JsonBody) -> Result<Option<Reason>, ApiError> {
    Ok(json.optional_text("reason")?.map(Reason::parse).transpose()?)
}
