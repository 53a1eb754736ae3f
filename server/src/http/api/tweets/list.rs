//! `GET /api/v2/tweets`: the server's hottest read.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use siskin_domain::user::UserError;
use siskin_domain::{Role, Username, wire};

use crate::application::Caller;
use crate::application::queries::{SharedTweets, has_own_timeline};
use crate::http::api::address::{ListQuery, PageParams};
use crate::http::api::auth::Viewer;
use crate::http::api::error::ApiError;
use crate::http::api::link::neighbours;
use crate::http::api::problems::Listing;
use crate::http::api::rendered::{IfNoneMatch, KnownHeader, ListKey, Rendered};
use crate::http::state::HttpState;
use crate::storage::Page;

/// Everybody's tweets, newest first.
#[utoipa::path(
    get,
    path = "/api/v2/tweets",
    tag = "tweets",
    params(
        PageParams,
        KnownHeader,
    ),
    responses(
        (status = 200, description = "A list.", body = wire::TweetsList,
            headers(("ETag" = String), ("Link" = String, description = "`next`, then `prev`."))),
        (status = 304, description = "As `If-None-Match` says."),
        Listing,
    )
)]
pub(in crate::http::api) async fn list(
    State(state): State<HttpState>,
    Viewer(viewer): Viewer,
    query: ListQuery,
    known: IfNoneMatch,
) -> Result<Response, ApiError> {
    Ok(rendered(&state, (None, query.page), viewer.as_ref()).await?.answer(&known))
}

/// A list as bytes: those that are kept, if nothing has changed since. Who may see more than
/// everybody gets a list of their own.
///
/// # Errors
/// 404 if there is no such person.
pub(super) async fn rendered(
    state: &HttpState,
    key: ListKey,
    viewer: Option<&Caller>,
) -> Result<Arc<Rendered>, ApiError> {
    if let Some(viewer) = viewer.filter(|viewer| may_see_more(viewer, key.0.as_ref())) {
        let rendered = render(state, key.0.as_ref(), key.1, Some(viewer)).await?;
        return Ok(Arc::new(rendered.by_caller()));
    }
    // Read before the list is: what changes in between makes this rendering void.
    let generation = state.services.queries.generation();
    if let Some(kept) = state.lists.get(&key, generation) {
        return Ok(kept);
    }
    let rendered = Arc::new(render(state, key.0.as_ref(), key.1, None).await?);
    state.lists.keep(key, generation, rendered.clone());
    Ok(rendered)
}

async fn render(
    state: &HttpState,
    author: Option<&Username>,
    page: Page,
    viewer: Option<&Caller>,
) -> Result<Rendered, ApiError> {
    let tweets = tweets(state, author, page, viewer).await?;
    let ids: Vec<u64> = tweets.iter().map(|tweet| tweet.id.get()).collect();
    let exists = |page| async move {
        let found = tweets_or_none(state, author, page, viewer).await?;
        Ok(found.is_some_and(|tweets| !tweets.is_empty()))
    };
    let around = neighbours(page, &ids, exists).await?;
    let mut address = format!("{}/api/v2/tweets", state.services.rules.public_url);
    if let Some(author) = author {
        address.extend(["/", author.as_str()]);
    }
    let list = TweetsList { tweets_list: &tweets };
    Ok(Rendered::json(&list).linked(around.header(&address, page.limit)))
}

async fn tweets(
    state: &HttpState,
    author: Option<&Username>,
    page: Page,
    viewer: Option<&Caller>,
) -> Result<SharedTweets, ApiError> {
    Ok(tweets_or_none(state, author, page, viewer).await?.ok_or(UserError::NotFound)?)
}

async fn tweets_or_none(
    state: &HttpState,
    author: Option<&Username>,
    page: Page,
    viewer: Option<&Caller>,
) -> Result<Option<SharedTweets>, crate::storage::StoreError> {
    let queries = &state.services.queries;
    match author {
        Some(author) => queries.tweets_of(author, page, viewer).await,
        None => queries.timeline(page, viewer).await.map(Some),
    }
}

/// May a viewer see more than everybody in this list?
fn may_see_more(viewer: &Caller, author: Option<&Username>) -> bool {
    match author {
        Some(author) => viewer.username == author.as_str() || viewer.actor.role >= Role::Moderator,
        None => has_own_timeline(viewer),
    }
}

/// [`wire::TweetsList`] without a copy.
#[derive(serde::Serialize)]
struct TweetsList<'a> {
    tweets_list: &'a [wire::Tweet],
}
