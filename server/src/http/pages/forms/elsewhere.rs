//! A form that was sent to a server which takes no changes.

use axum::extract::{FromRequest as _, Request};
use axum::response::Response;
use siskin_app::pages::written::FIRST_SEGMENTS;
use siskin_app::written::{Written, elsewhere};

use super::{Form, sign_up};
use crate::http::api::error::ApiError;
use crate::http::pages::PageState;

/// Shows the page that the form is on, with what was typed and why it was not taken.
pub(crate) async fn refuse(state: &PageState, request: Request, error: ApiError) -> Response {
    let path = request.uri().path().to_owned();
    let form = match Form::from_request(request, state).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    if FIRST_SEGMENTS.contains(&path.split('/').nth(1).unwrap_or_default()) {
        let page = |frame: &_| Written {
            path,
            title: "Not here".to_owned(),
            content: elsewhere::content(frame),
        };
        return form.refuse_written(state, error, Vec::new(), page).await;
    }
    if path == "/signup" {
        return sign_up::again(state, form, error, Vec::new()).await;
    }
    let page = match path.as_str() {
        "/profile" if form.caller.is_some() => "/profile",
        _ if form.caller.is_some() => "/",
        _ => "/login",
    };
    let path = match path.as_str() {
        path if path.ends_with("/delete") => "/tweets",
        path => path,
    };
    form.refuse_with(state, path, page, error).await
}
