//! `GET` and `POST /moderation/tweets/{id}`

use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use siskin_app::written::moderation::tweet_page::content;
use siskin_app::written::{Frame, Written};
use siskin_domain::TweetId;
use siskin_domain::tweet::TweetError;

use super::{Wish, moderator, shown, trouble};
use crate::application::moderation::TweetSeen;
use crate::application::{Caller, Refused};
use crate::http::api::error::ApiError;
use crate::http::pages::cookies::Flash;
use crate::http::pages::forms::Form;
use crate::http::pages::{PageState, render};

/// What moderators see of a tweet.
pub(crate) async fn get(
    State(state): State<PageState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let headers = request.into_parts().0.headers;
    let caller = match moderator(&state, &headers, "/moderation").await {
        Ok(caller) => caller,
        Err(response) => return response,
    };
    match find(&state, &id).await {
        Ok(tweet) => {
            let page = written(tweet, &render::frame(&state, Some(&caller), None));
            render::written(&state, Some(&caller), headers, page, StatusCode::OK).await
        }
        Err(error) => trouble(&state, &caller, headers, error).await,
    }
}

/// Hides it, or shows it again.
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
        Err(_) => Err(TweetError::NotFound.into()),
    };
    let error: ApiError = match done {
        Ok(()) => {
            let path = format!("/moderation/tweets/{id}");
            return form.done_saying(&state, &path, Flash::Moderated);
        }
        Err(refused) => refused.into(),
    };
    match find(&state, &id).await {
        // Only moderators are shown it again.
        Ok(tweet) if error.status() != StatusCode::FORBIDDEN => {
            let page = |frame: &Frame| written(tweet, frame);
            form.refuse_written(&state, error, Vec::new(), page).await
        }
        _ => form.refuse_elsewhere(&state, "/moderation".to_owned(), error).await,
    }
}

async fn act_on(
    state: &PageState,
    caller: &Caller,
    id: TweetId,
    form: &Form,
) -> Result<(), Refused> {
    let moderation = &state.services.moderation;
    super::must_moderate(caller)?;
    match Wish::named(form.field("act")) {
        Some(Wish::Hide) => moderation.hide(caller, id, form.reason()?).await,
        Some(Wish::Unhide) => moderation.unhide(caller, id, form.reason()?).await,
        Some(Wish::Resolve | Wish::Impose(_) | Wish::Lift(_)) | None => {
            Err(super::no_wish().into())
        }
    }
}

async fn find(state: &PageState, id: &str) -> Result<TweetSeen, ApiError> {
    let id = id.parse().map_err(|_| ApiError::from(TweetError::NotFound))?;
    let found = state.services.moderation.tweet(id).await?;
    found.ok_or_else(|| TweetError::NotFound.into())
}

fn written(tweet: TweetSeen, frame: &Frame) -> Written {
    let shown = shown(tweet);
    Written {
        path: format!("/moderation/tweets/{}", shown.id),
        title: format!("A tweet by @{}", shown.author),
        content: content(&shown, frame),
    }
}
