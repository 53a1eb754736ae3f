//! `GET /moderation/log`

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use siskin_app::written::Written;
use siskin_app::written::moderation::LOG_PATH;
use siskin_app::written::moderation::log::{Log, content};

use super::{PAGE_SIZE, act, moderator, page, trouble};
use crate::http::pages::{PageState, render};

/// The audit log.
pub(crate) async fn get(State(state): State<PageState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let caller = match moderator(&state, &parts.headers, LOG_PATH).await {
        Ok(caller) => caller,
        Err(response) => return response,
    };
    let acts = match state.services.moderation.acts(&caller, page(parts.uri.query())).await {
        Ok(acts) => acts,
        Err(refused) => return trouble(&state, &caller, parts.headers, refused.into()).await,
    };
    let last = acts.last().filter(|_| acts.len() == usize::from(PAGE_SIZE));
    let next = last.map(|act| format!("{LOG_PATH}?before={}", act.position));
    let log = Log { next, acts: acts.into_iter().map(act).collect() };
    let page = Written {
        path: LOG_PATH.to_owned(),
        title: "Log".to_owned(),
        content: content(&log, &render::frame(&state, Some(&caller), None)),
    };
    render::written(&state, Some(&caller), parts.headers, page, StatusCode::OK).await
}
