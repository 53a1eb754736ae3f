//! `GET /api/v2/tweets/{id}` and `GET /api/v2/tweets/{username}`

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use siskin_domain::tweet::TweetError;
use siskin_domain::wire;
use utoipa::ToSchema;

use super::list::rendered;
use crate::http::api::address::{ListQuery, PageParams, TweetOrUser};
use crate::http::api::auth::Viewer;
use crate::http::api::error::ApiError;
use crate::http::api::problems::FindingOrListing;
use crate::http::api::rendered::{IfNoneMatch, KnownHeader, Rendered};
use crate::http::state::HttpState;

/// One tweet for an id, a list for a username.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes the answer")]
pub(in crate::http::api) enum TweetOrList {
    /// For an id.
    Tweet(wire::TweetDetails),
    /// For a username.
    List(wire::TweetsList),
}

/// One tweet by its id, or a person's tweets by their username.
///
/// An address of digits alone is an id; usernames begin with a letter.
#[utoipa::path(
    get,
    path = "/api/v2/tweets/{id}",
    tag = "tweets",
    params(
        ("id" = String, Path, max_length = 30, description = "A tweet's id, or a username."),
        PageParams,
        KnownHeader,
    ),
    responses(
        (status = 200, description = "The tweet, or the list.", body = TweetOrList,
            headers(("ETag" = String), ("Link" = String, description = "`next`, then `prev`."))),
        (status = 304, description = "As `If-None-Match` says."),
        FindingOrListing,
    )
)]
pub(in crate::http::api) async fn get(
    State(state): State<HttpState>,
    Viewer(viewer): Viewer,
    path: TweetOrUser,
    query: ListQuery,
    known: IfNoneMatch,
) -> Result<Response, ApiError> {
    match path {
        TweetOrUser::Tweet(id) => {
            let found = state.services.queries.tweet(id, viewer.as_ref()).await?;
            let tweet = found.ok_or(TweetError::NotFound)?;
            let details = wire::TweetDetails { tweet: vec![tweet.as_ref().clone()] };
            Ok(Rendered::json(&details).answer(&known))
        }
        TweetOrUser::User(username) => {
            let key = (Some(username), query.page);
            Ok(rendered(&state, key, viewer.as_ref()).await?.answer(&known))
        }
    }
}
