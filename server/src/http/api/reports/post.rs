//! `POST /api/v1/reports`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use siskin_domain::tweet::TweetError;
use siskin_domain::user::UserError;
use siskin_domain::{Reason, ReportId, TweetId, Username};
use utoipa::ToSchema;

use crate::application::Caller;
use crate::application::moderation::Subject;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::problems::Reporting;
use crate::http::rate_limit;
use crate::http::state::HttpState;

/// What is reported, and why: either a tweet or a person.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct NewReport {
    /// The tweet.
    #[schema(minimum = 1, maximum = 9007199254740991u64)]
    tweet: Option<u64>,
    /// The person's username.
    #[schema(max_length = 30, example = "eric.strom")]
    username: Option<String>,
    /// Why.
    #[schema(
        min_length = 1,
        max_length = 500,
        example = "Sends the same advertisement to everybody."
    )]
    reason: String,
}

/// A report was filed.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct ReportFiled {
    /// Always `Success`.
    #[schema(example = "Success")]
    status: &'static str,
    /// Its number.
    #[schema(value_type = u64)]
    id: ReportId,
}

/// Reports a tweet or a person to the moderators. Neither of them learns who did.
///
/// 20 reports at once, then one in a minute.
#[utoipa::path(
    post,
    path = "/api/v1/reports",
    tag = "moderation",
    request_body = NewReport,
    responses((status = 201, description = "Reported.", body = ReportFiled), Reporting),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    caller: Caller,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let (tweet, username) = (json.optional_number("tweet")?, json.optional_text("username")?);
    let reason = json.text("reason")?;
    let subject = subject(tweet, username)?;
    let reason = Reason::parse(reason)?;
    let standings = state.services.throttle.report(caller.actor.id).await?;
    let filed = state.services.moderation.report(&caller, &subject, reason).await;
    let answer = filed.map(|id| {
        (StatusCode::CREATED, Json(ReportFiled { status: "Success", id })).into_response()
    });
    rate_limit::told(answer.map_err(ApiError::from), standings)
}

/// One of the two, not both. What can't be an id or a username is nothing's.
fn subject(tweet: Option<u64>, username: Option<&str>) -> Result<Subject, ApiError> {
    match (tweet, username) {
        (Some(tweet), None) => {
            let id = TweetId::new(tweet).map_err(|_| ApiError::from(TweetError::NotFound))?;
            Ok(Subject::Tweet(id))
        }
        (None, Some(name)) => {
            let name = Username::parse(name).map_err(|_| ApiError::from(UserError::NotFound))?;
            Ok(Subject::User(name))
        }
        (None, None) => Err(ApiError::key_missing("tweet")),
        (Some(_), Some(_)) => Err(ApiError::unprocessable(
            "subject_invalid",
            "username",
            "Report either a tweet or a person, not both at once.",
        )),
    }
}
