//! A form that was sent to a server which takes no changes.

use axum::extract::{FromRequest as _, Request};
use axum::response::Response;
use siskin_app::pages::sessions;

use super::Form;
use crate::http::api::error::ApiError;
use crate::http::pages::PageState;

/// Shows the page that the form is on, with what was typed and why it was not taken.
pub(crate) async fn refuse(state: &PageState, request: Request, error: ApiError) -> Response {
    let path = request.uri().path().to_owned();
    let form = match Form::from_request(request, state).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let page = match path.as_str() {
        "/signup" => "/signup",
        "/profile" if form.caller.is_some() => "/profile",
        path if path.starts_with("/settings/") && form.caller.is_some() => sessions::PATH,
        _ if form.caller.is_some() => "/",
        _ => "/login",
    };
    let path = match path.as_str() {
        path if path.ends_with("/delete") => "/tweets",
        path if path.starts_with("/settings/") => sessions::TOKENS_PATH,
        path => path,
    };
    form.refuse_with(state, path, page, error).await
}
