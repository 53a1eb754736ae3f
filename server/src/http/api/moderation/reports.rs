//! `GET /api/v1/moderation/reports`

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use siskin_domain::moderation::{Record, Standing};
use siskin_domain::{Reason, ReportId, Timestamp, UserId, wire};
use utoipa::ToSchema;

use crate::application::Caller;
use crate::application::moderation::ReportSeen;
use crate::http::api::address::{ListQuery, PageParams};
use crate::http::api::error::ApiError;
use crate::http::api::link::neighbours;
use crate::http::api::problems::ModeratorsListing;
use crate::http::api::rendered::{IfNoneMatch, KnownHeader, Rendered};
use crate::http::state::HttpState;

/// A person in a report: the number stays when they are gone, the rest does not.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct Reported {
    /// Number below 2^53.
    #[schema(value_type = u64)]
    id: UserId,
    /// Their username; none if they are gone.
    username: Option<String>,
    /// Have they a warning that they have not read?
    warned: bool,
    /// Are they silenced?
    silenced: bool,
    /// Are they suspended?
    suspended: bool,
}

/// Who reported; none of it if they are gone but the number.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct Reporter {
    /// Number below 2^53.
    #[schema(value_type = u64)]
    id: UserId,
    /// Their username; none if they are gone.
    username: Option<String>,
}

/// A report.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct ReportView {
    /// Number below 2^53.
    #[schema(value_type = u64)]
    id: ReportId,
    /// `open` or `resolved`.
    state: &'static str,
    /// Who reported.
    by: Reporter,
    /// Whom it is about: the person, or the tweet's author.
    user: Reported,
    /// The tweet, if it is about one that is still there.
    tweet: Option<wire::Tweet>,
    /// Is that tweet hidden?
    hidden: bool,
    /// Why; none if it was forgotten with an account.
    #[schema(value_type = Option<String>, max_length = 500)]
    reason: Option<Reason>,
    /// When it was filed.
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// When a moderator was done with it.
    #[schema(value_type = Option<String>, format = "date-time")]
    resolved_at: Option<Timestamp>,
    /// What came of it, if that was said.
    #[schema(value_type = Option<String>, max_length = 500)]
    outcome: Option<Reason>,
}

/// Reports, newest first.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct ReportList {
    /// The reports.
    #[schema(max_items = 100)]
    report_list: Vec<ReportView>,
}

/// Reports, newest first: those in the queue, or those that are done with. For moderators.
#[utoipa::path(
    get,
    path = "/api/v1/moderation/reports",
    tag = "moderation",
    params(
        PageParams,
        ("state" = Option<String>, Query, pattern = "^(open|resolved)$",
            description = "`open`, unless given, or `resolved`."),
        KnownHeader,
    ),
    responses(
        (status = 200, description = "A list.", body = ReportList,
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
    let open = match query.state.as_deref() {
        None | Some("open") => true,
        Some("resolved") => false,
        Some(_) => {
            let message = "state is open or resolved.";
            return Err(ApiError::unprocessable("state_invalid", "state", message));
        }
    };
    let reports = state.services.moderation.reports(&caller, open, query.page).await?;
    let ids: Vec<u64> = reports.iter().map(|seen| seen.report.id.get()).collect();
    let store = &state.services.store;
    let exists = |page| async move { Ok(!store.list_reports(open, page).await?.is_empty()) };
    let around = neighbours(query.page, &ids, exists).await?;
    let address = format!("{}/api/v1/moderation/reports", state.services.rules.public_url);
    let list = ReportList { report_list: reports.into_iter().map(view).collect() };
    let rendered = Rendered::json(&list).linked(around.header(&address, query.page.limit));
    Ok(rendered.by_caller().answer(&known))
}

fn view(seen: ReportSeen) -> ReportView {
    let filing = seen.report.filing;
    let (user, record) = seen.about.unzip();
    let Standing { warned, silenced, suspended } =
        record.map_or_else(Standing::default, |record: Record| record.standing);
    ReportView {
        id: seen.report.id,
        state: if seen.report.resolved_at.is_some() { "resolved" } else { "open" },
        by: Reporter { id: filing.by, username: seen.by.map(|by| by.username) },
        user: Reported {
            id: filing.about,
            username: user.map(|user| user.username),
            warned,
            silenced,
            suspended,
        },
        hidden: seen.tweet.as_ref().is_some_and(|tweet| tweet.hidden.is_some()),
        tweet: seen.tweet.map(|tweet| tweet.tweet),
        reason: seen.reason,
        created_at: seen.report.at,
        resolved_at: seen.report.resolved_at,
        outcome: seen.outcome,
    }
}
