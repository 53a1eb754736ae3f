//! `POST /api/v2/tweets`

use axum::extract::State;
use axum::response::Response;
use siskin_domain::user::UserError;
use siskin_domain::{TweetBody, Username, wire};
use utoipa::ToSchema;

use crate::application::idempotency::{KeptAnswer, created_tweet};
use crate::application::{Caller, Refused, Services};
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once};
use crate::http::api::problems::Posting;
use crate::http::state::HttpState;

/// Something to say.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct NewTweet {
    /// What is said: up to 280 characters, unless the operator set another limit.
    #[schema(min_length = 1, max_length = 280, example = "How you doing?")]
    body: String,
    /// Whose tweet it is; the caller's, whether given or not.
    #[schema(max_length = 30, example = "eric.strom")]
    username: Option<String>,
}

/// Posts a tweet. It is on disk when the answer comes.
#[utoipa::path(
    post,
    path = "/api/v2/tweets",
    tag = "tweets",
    params(KeyHeader),
    request_body = NewTweet,
    responses(
        (status = 201, description = "Posted.", body = wire::TweetCreated,
            headers(("Location" = String), ("Idempotency-Replayed" = String))),
        Posting,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    caller: Caller,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let (said, username) = (json.text("body")?, json.optional_text("username")?);
    let endpoint = "POST /api/v2/tweets";
    let asked = Asked { endpoint, caller: Some(caller.actor.id), body: &json.bytes, secret: false };
    let (said, username) = (said.to_owned(), username.map(str::to_owned));
    let server = state.clone();
    once(&state, key, asked, |once| async move {
        if let Some(username) = username {
            is_caller(&server.services, &caller, &username).await?;
        }
        let body = TweetBody::parse(&said, server.services.rules.tweet_max_chars)?;
        let tweet = server.services.tweets.post(&caller, body, once).await?;
        let location = format!("/api/v2/tweets/{}", tweet.id);
        Ok(KeptAnswer::created(location, &created_tweet(tweet)))
    })
    .await
}

/// 404 for nobody, 403 for somebody else.
async fn is_caller(services: &Services, caller: &Caller, name: &str) -> Result<(), ApiError> {
    let username = Username::parse(name).map_err(|_| UserError::NotFound)?;
    if username.as_str() == caller.username {
        return Ok(());
    }
    match services.queries.user_by_name(&username, None).await? {
        Some(_) => Err(Refused::NotYou.into()),
        None => Err(UserError::NotFound.into()),
    }
}
