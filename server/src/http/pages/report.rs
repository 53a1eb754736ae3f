//! `GET` and `POST /report`, and `POST /settings/warning`.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use siskin_app::written::notice::DISMISS_PATH;
use siskin_app::written::report::{PATH, Subject, content};
use siskin_app::written::{Frame, Written};
use siskin_domain::tweet::TweetError;
use siskin_domain::user::UserError;
use siskin_domain::{TweetId, Username};

use super::cookies::Flash;
use super::forms::Form;
use super::moderation::{shown, trouble, value};
use super::{PageState, render};
use crate::application::moderation::{self, TweetSeen};
use crate::application::{Caller, Refused};
use crate::http::api::error::ApiError;

/// What is reported, and where it is.
struct Found {
    subject: moderation::Subject,
    shown: Subject,
    path: String,
}

/// The form.
pub(super) async fn get(State(state): State<PageState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let caller = match render::caller(&state, &parts.headers).await {
        Err(error) => return render::unavailable(&error),
        Ok(None) => return Redirect::to("/login").into_response(),
        Ok(Some(caller)) => caller,
    };
    let query = parts.uri.query();
    match find(&state, &caller, value(query, "tweet"), value(query, "user")).await {
        Ok(found) => {
            let page = written(&found, &render::frame(&state, Some(&caller), None));
            render::written(&state, Some(&caller), parts.headers, page, StatusCode::OK).await
        }
        Err(error) => trouble(&state, &caller, parts.headers, error).await,
    }
}

/// Reports.
pub(super) async fn post(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller().cloned() else {
        return form.refuse_visitor(&state).await;
    };
    let (tweet, user) = (form.filled("tweet"), form.filled("user"));
    let found = match find(&state, &caller, tweet, user).await {
        Ok(found) => found,
        Err(error) => return form.refuse_elsewhere(&state, PATH.to_owned(), error).await,
    };
    match file(&state, &caller, &found, &form).await {
        Ok(()) => form.done_saying(&state, &found.path, Flash::Reported),
        Err(refused) => {
            let page = |frame: &Frame| written(&found, frame);
            form.refuse_written(&state, refused.into(), Vec::new(), page).await
        }
    }
}

/// The person has read their warning.
pub(super) async fn dismiss(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller().cloned() else {
        return form.refuse_visitor(&state).await;
    };
    match state.services.moderation.dismiss_warning(&caller).await {
        Ok(()) => form.done_saying(&state, "/", Flash::WarningRead),
        Err(refused) => {
            form.refuse_elsewhere(&state, DISMISS_PATH.to_owned(), refused.into()).await
        }
    }
}

async fn file(
    state: &PageState,
    caller: &Caller,
    found: &Found,
    form: &Form,
) -> Result<(), Refused> {
    let reason = form.reason()?;
    state.services.throttle.report(caller.actor.id).await?;
    state.services.moderation.report(caller, &found.subject, reason, None).await.map(drop)
}

async fn find(
    state: &PageState,
    caller: &Caller,
    tweet: Option<&str>,
    user: Option<&str>,
) -> Result<Found, ApiError> {
    let queries = &state.services.queries;
    match (tweet, user) {
        (Some(id), _) => {
            let id: TweetId = id.parse().map_err(|_| ApiError::from(TweetError::NotFound))?;
            let tweet = queries.tweet(id, Some(caller)).await?.ok_or(TweetError::NotFound)?;
            let seen = TweetSeen { tweet: (*tweet).clone(), hidden: None };
            Ok(Found {
                subject: moderation::Subject::Tweet(id),
                shown: Subject::Tweet(shown(seen)),
                path: format!("/tweet/{id}"),
            })
        }
        (None, Some(name)) => {
            let name = Username::parse(name).map_err(|_| ApiError::from(UserError::NotFound))?;
            let user = queries.user_by_name(&name, Some(caller)).await?;
            let user = user.ok_or(UserError::NotFound)?;
            Ok(Found {
                subject: moderation::Subject::User(name),
                path: format!("/@{}", user.username),
                shown: Subject::User(user.username),
            })
        }
        (None, None) => Err(TweetError::NotFound.into()),
    }
}

fn written(found: &Found, frame: &Frame) -> Written {
    Written {
        path: PATH.to_owned(),
        title: "Report".to_owned(),
        content: content(&found.shown, frame),
    }
}
