//! `GET /moderation` and `POST /moderation/reports/{id}`

use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use siskin_app::written::moderation::PATH;
use siskin_app::written::moderation::queue::{Queue, Reported, content};
use siskin_app::written::{Frame, Written};
use siskin_domain::ReportId;
use siskin_domain::moderation::ReportError;

use super::{PAGE_SIZE, Wish, in_force, moderator, page, shown, trouble, value, words};
use crate::application::moderation::ReportSeen;
use crate::application::{Caller, Refused};
use crate::http::api::error::ApiError;
use crate::http::pages::cookies::Flash;
use crate::http::pages::forms::Form;
use crate::http::pages::{PageState, render};

/// The queue, or the closed reports.
pub(crate) async fn get(State(state): State<PageState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let caller = match moderator(&state, &parts.headers, PATH).await {
        Ok(caller) => caller,
        Err(response) => return response,
    };
    match queue(&state, &caller, parts.uri.query()).await {
        Ok(queue) => {
            let page = written(&queue, &render::frame(&state, Some(&caller), None));
            render::written(&state, Some(&caller), parts.headers, page, StatusCode::OK).await
        }
        Err(refused) => trouble(&state, &caller, parts.headers, refused.into()).await,
    }
}

/// Does something because of a report, and is done with it.
pub(crate) async fn post(
    State(state): State<PageState>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let Some(caller) = form.caller().cloned() else {
        return form.refuse_visitor(&state).await;
    };
    let done = match id.parse() {
        Ok(id) => act_on(&state, &caller, id, &form).await,
        Err(_) => Err(ReportError::NotFound.into()),
    };
    let error: ApiError = match done {
        Ok(()) => return form.done_saying(&state, PATH, Flash::ReportDone),
        Err(refused) => refused.into(),
    };
    match queue(&state, &caller, None).await {
        Ok(queue) => {
            let page = |frame: &Frame| written(&queue, frame);
            form.refuse_written(&state, error, Vec::new(), page).await
        }
        Err(_) => form.refuse_elsewhere(&state, PATH.to_owned(), error).await,
    }
}

async fn act_on(
    state: &PageState,
    caller: &Caller,
    id: ReportId,
    form: &Form,
) -> Result<(), Refused> {
    super::must_moderate(caller)?;
    let moderation = &state.services.moderation;
    let report = state.services.store.find_report(id).await?.ok_or(ReportError::NotFound)?;
    let reason = match Wish::named(form.field("act")) {
        Some(Wish::Resolve) => form.filled("reason").map(|_| form.reason()).transpose()?,
        Some(Wish::Hide) => {
            let (reason, tweet) = (form.reason()?, report.filing.tweet);
            let tweet = tweet.ok_or_else(super::no_wish)?;
            moderation.hide(caller, tweet, reason.clone()).await?;
            Some(reason)
        }
        Some(Wish::Impose(measure)) => {
            let (reason, user) = (form.reason()?, report.filing.about);
            moderation.impose(Some(caller), user, measure, reason.clone()).await?;
            Some(reason)
        }
        Some(Wish::Unhide | Wish::Lift(_)) | None => return Err(super::no_wish().into()),
    };
    moderation.resolve(caller, id, reason).await
}

async fn queue(state: &PageState, caller: &Caller, query: Option<&str>) -> Result<Queue, Refused> {
    let open = value(query, "state") != Some("resolved");
    let reports = state.services.moderation.reports(caller, open, page(query)).await?;
    let last = reports.last().filter(|_| reports.len() == usize::from(PAGE_SIZE));
    let state = if open { "open" } else { "resolved" };
    let next = last.map(|last| format!("{PATH}?state={state}&before={}", last.report.id));
    Ok(Queue { open, next, reports: reports.into_iter().map(reported).collect() })
}

fn reported(seen: ReportSeen) -> Reported {
    let (about, record) = seen.about.unzip();
    Reported {
        id: seen.report.id.get(),
        reason: words(seen.reason.as_ref()),
        at: seen.report.at,
        by: seen.by.map(|by| by.username),
        about: about.map(|about| about.username),
        measures: record.as_ref().map(in_force).unwrap_or_default(),
        of_tweet: seen.report.filing.tweet.is_some(),
        tweet: seen.tweet.map(shown),
        resolved_at: seen.report.resolved_at,
        outcome: words(seen.outcome.as_ref()),
    }
}

fn written(queue: &Queue, frame: &Frame) -> Written {
    let title = if queue.open { "Reports" } else { "Closed reports" };
    Written { path: PATH.to_owned(), title: title.to_owned(), content: content(queue, frame) }
}
