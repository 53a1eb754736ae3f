//! `POST /api/v1/reports`

use axum::extract::State;
use axum::response::Response;
use siskin_domain::tweet::TweetError;
use siskin_domain::user::UserError;
use siskin_domain::{Reason, TweetId, Username};
use utoipa::ToSchema;

use crate::application::Caller;
use crate::application::idempotency::{KeptAnswer, ReportFiled};
use crate::application::moderation::Subject;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once};
use crate::http::api::problems::Reporting;
use crate::http::rate_limit;
use crate::http::state::HttpState;

/// What is reported, and why: either a tweet or a person.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; `read` reads it")]
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

/// Reports a tweet or a person to the moderators. Neither of them learns who did.
///
/// 20 reports at once, then one in a minute.
#[utoipa::path(
    post,
    path = "/api/v1/reports",
    tag = "moderation",
    params(KeyHeader),
    request_body = NewReport,
    responses(
        (status = 201, description = "Reported.", body = ReportFiled,
            headers(("Idempotency-Replayed" = String))),
        Reporting,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    caller: Caller,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let (subject, reason) = read(&json)?;
    let standings = state.services.throttle.report(caller.actor.id).await?;
    let user = Some(caller.actor.id);
    let endpoint = "POST /api/v1/reports";
    let asked = Asked { endpoint, caller: user, body: &json.bytes, secret: false };
    let moderation = state.services.moderation.clone();
    let answer = once(&state, key, asked, |once| async move {
        let id = moderation.report(&caller, &subject, reason, once).await?;
        Ok(KeptAnswer::created_unnamed(&ReportFiled::new(id)))
    })
    .await;
    rate_limit::told(answer, standings)
}

/// All keys are looked at before any rule: 400 comes before 422.
pub(in crate::http::api) fn read(json: &JsonBody) -> Result<(Subject, Reason), ApiError> {
    let (tweet, username) = (json.optional_number("tweet")?, json.optional_text("username")?);
    let reason = json.text("reason")?;
    let subject = subject(tweet, username)?;
    Ok((subject, Reason::parse(reason)?))
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
