//! `GET /api/v1/users`

use axum::extract::State;
use axum::response::Response;
use siskin_domain::{Username, wire};

use crate::application::Caller;
use crate::http::api::address::{ListQuery, PageParams};
use crate::http::api::auth::MaybeCaller;
use crate::http::api::error::ApiError;
use crate::http::api::link::neighbours;
use crate::http::api::problems::ListingAs;
use crate::http::api::rendered::{IfNoneMatch, KnownHeader, Rendered};
use crate::http::state::HttpState;

/// A longer text is no mistyped username. Shorter ones that can't be any are nobody's.
const LONGEST_NAME: usize = 254;

/// People, newest first, or the one with a username.
///
/// Email and role are there for the caller themselves and for admins.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    tag = "users",
    params(
        PageParams,
        ("username" = Option<String>, Query, max_length = 254,
            description = "Only the person with this username: a list of one, or of none."),
        KnownHeader,
    ),
    responses(
        (status = 200, description = "A list.", body = wire::UserList,
            headers(("ETag" = String), ("Link" = String, description = "`next`, then `prev`."))),
        (status = 304, description = "As `If-None-Match` says."),
        ListingAs,
    ),
    security((), ("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn list(
    State(state): State<HttpState>,
    MaybeCaller(caller): MaybeCaller,
    query: ListQuery,
    known: IfNoneMatch,
) -> Result<Response, ApiError> {
    let rendered = match &query.username {
        Some(username) if username.chars().count() > LONGEST_NAME => {
            let message = "A username has at most 30 characters.";
            return Err(ApiError::unprocessable("username_too_long", "username", message));
        }
        Some(username) => named(&state, username, caller.as_ref()).await?,
        None => page(&state, &query, caller.as_ref()).await?,
    };
    Ok(rendered.by_caller().answer(&known))
}

/// What can't be a username is nobody's.
async fn named(
    state: &HttpState,
    username: &str,
    viewer: Option<&Caller>,
) -> Result<Rendered, ApiError> {
    let found = match Username::parse(username) {
        Ok(username) => state.services.queries.user_by_name(&username, viewer).await?,
        Err(_) => None,
    };
    Ok(Rendered::json(&wire::UserList { user_list: found.into_iter().collect() }))
}

async fn page(
    state: &HttpState,
    query: &ListQuery,
    viewer: Option<&Caller>,
) -> Result<Rendered, ApiError> {
    let queries = &state.services.queries;
    let user_list = queries.users(query.page, viewer).await?;
    let ids: Vec<u64> = user_list.iter().map(|user| user.id.get()).collect();
    let exists = |page| async move { Ok(!queries.users(page, viewer).await?.is_empty()) };
    let around = neighbours(query.page, &ids, exists).await?;
    let address = format!("{}/api/v1/users", state.services.rules.public_url);
    let link = around.header(&address, query.page.limit);
    Ok(Rendered::json(&wire::UserList { user_list }).linked(link))
}
