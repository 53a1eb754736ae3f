//! `GET /api/v1/moderation/log`

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use siskin_domain::{Reason, ReportId, Role, Timestamp, TweetId, UserId};
use utoipa::ToSchema;

use crate::application::Caller;
use crate::application::moderation::ActSeen;
use crate::http::api::address::{ListQuery, PageParams};
use crate::http::api::error::ApiError;
use crate::http::api::link::neighbours;
use crate::http::api::problems::ModeratorsListing;
use crate::http::api::rendered::{IfNoneMatch, KnownHeader, Rendered};
use crate::http::state::HttpState;

/// Somebody in an act: the number stays when they are gone, the name does not.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct Somebody {
    /// Number below 2^53.
    #[schema(value_type = u64)]
    id: UserId,
    /// Their username; none if they are gone.
    username: Option<String>,
}

/// An act of staff.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct Act {
    /// Its place in the log.
    position: u64,
    /// What was done.
    #[schema(example = "UserSuspended")]
    act: &'static str,
    /// When.
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    /// Who did it; none for the operator.
    by: Option<Somebody>,
    /// About whom.
    user: Option<Somebody>,
    /// About which tweet.
    #[schema(value_type = Option<u64>)]
    tweet: Option<TweetId>,
    /// Which report was done with.
    #[schema(value_type = Option<u64>)]
    report: Option<ReportId>,
    /// The new role, if it was one.
    role: Option<Role>,
    /// Why; none if nothing was said, or if it was forgotten with an account or a tweet.
    #[schema(value_type = Option<String>, max_length = 500)]
    reason: Option<Reason>,
}

/// Acts of staff, newest first.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct ActList {
    /// The acts.
    #[schema(max_items = 100)]
    act_list: Vec<Act>,
}

/// All that moderators, admins and the operator have done to others, newest first: what, about
/// whom, who, why and when. A tweet deleted by somebody else than its author is in it, an account
/// deleted by an admin, and that a profile or a password was changed by one; never what was erased,
/// nor any new value. `before` and `after` are positions. For moderators.
#[utoipa::path(
    get,
    path = "/api/v1/moderation/log",
    tag = "moderation",
    params(PageParams, KnownHeader),
    responses(
        (status = 200, description = "A list.", body = ActList,
            headers(("ETag" = String), ("Link" = String, description = "`next`, then `prev`."))),
        (status = 304, description = "As `If-None-Match` says."),
        ModeratorsListing,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn get(
    State(state): State<HttpState>,
    caller: Caller,
    query: ListQuery,
    known: IfNoneMatch,
) -> Result<Response, ApiError> {
    let moderation = &state.services.moderation;
    let acts = moderation.acts(&caller, query.page).await?;
    let positions: Vec<u64> = acts.iter().map(|act| act.position).collect();
    let store = &state.services.store;
    let exists = |page| async move { Ok(!store.acts(page).await?.is_empty()) };
    let around = neighbours(query.page, &positions, exists).await?;
    let address = format!("{}/api/v1/moderation/log", state.services.rules.public_url);
    let list = ActList { act_list: acts.into_iter().map(view).collect() };
    let rendered = Rendered::json(&list).linked(around.header(&address, query.page.limit));
    Ok(rendered.by_caller().answer(&known))
}

fn view(act: ActSeen) -> Act {
    Act {
        position: act.position,
        act: act.kind,
        at: act.at,
        by: act.by.map(|id| Somebody { id, username: act.by_name }),
        user: act.about.map(|id| Somebody { id, username: act.about_name }),
        tweet: act.tweet,
        report: act.report,
        role: act.role,
        reason: act.reason,
    }
}
