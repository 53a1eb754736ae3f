//! The pages of moderators: one file per page with its form, and here what they share.

pub(super) mod log;
pub(super) mod person;
pub(super) mod queue;
pub(super) mod tweet;

use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use siskin_app::written::Written;
use siskin_app::written::moderation::{InForce, TweetShown, log::Act, not_for_you};
use siskin_domain::moderation::{Measure, ModerationError, Record};
use siskin_domain::{FieldError, Reason, Role};

use super::{PageState, render};
use crate::application::Caller;
use crate::application::moderation::{ActSeen, TweetSeen};
use crate::http::api::error::ApiError;
use crate::storage::Page;

/// How many reports or acts a page shows.
const PAGE_SIZE: u16 = 20;

/// Who asks, if it is a moderator; what others get instead.
pub(super) async fn moderator(
    state: &PageState,
    headers: &HeaderMap,
    path: &str,
) -> Result<Caller, Response> {
    match render::caller(state, headers).await {
        Err(error) => Err(render::unavailable(&error)),
        Ok(None) => Err(Redirect::to("/login").into_response()),
        Ok(Some(caller)) if caller.actor.role >= Role::Moderator => Ok(caller),
        Ok(Some(caller)) => {
            let content = not_for_you();
            let page =
                Written { path: path.to_owned(), title: "For moderators".to_owned(), content };
            let status = StatusCode::FORBIDDEN;
            Err(render::written(state, Some(&caller), headers.clone(), page, status).await)
        }
    }
}

/// Whoever sends a moderator's form must be one.
///
/// # Errors
/// [`ModerationError::NotModerator`].
fn must_moderate(caller: &Caller) -> Result<(), ModerationError> {
    if caller.actor.role >= Role::Moderator { Ok(()) } else { Err(ModerationError::NotModerator) }
}

/// Trouble that no form is the place to show: the page of what is not there, or a plain sentence.
pub(super) async fn trouble(
    state: &PageState,
    caller: &Caller,
    headers: HeaderMap,
    error: ApiError,
) -> Response {
    let status = error.status();
    if status.is_server_error() {
        return render::plain("Siskin can't do that at the moment. Please try again in a minute.");
    }
    let page = Written {
        path: "/moderation".to_owned(),
        title: "Not found".to_owned(),
        content: siskin_app::written::moderation::nothing_here(),
    };
    render::written(state, Some(caller), headers, page, status).await
}

/// What a button of a form wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing but the end of a report.
    Resolve,
    /// Hide the tweet.
    Hide,
    /// Show it again.
    Unhide,
    /// Put a measure in force.
    Impose(Measure),
    /// End a measure.
    Lift(Measure),
}

impl Wish {
    /// The wish of a button's value.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "resolve" => Self::Resolve,
            "hide" => Self::Hide,
            "unhide" => Self::Unhide,
            "warn" => Self::Impose(Measure::Warning),
            "silence" => Self::Impose(Measure::Silence),
            "suspend" => Self::Impose(Measure::Suspension),
            "unwarn" => Self::Lift(Measure::Warning),
            "unsilence" => Self::Lift(Measure::Silence),
            "unsuspend" => Self::Lift(Measure::Suspension),
            _ => return None,
        })
    }
}

/// A button that there is not.
pub(super) fn no_wish() -> FieldError {
    let message = "Choose one of the buttons.".into();
    FieldError { field: "act", code: "act_invalid", message }
}

/// The number that the query names as the end of the page before.
fn page(query: Option<&str>) -> Page {
    let before = value(query, "before").and_then(|text| text.parse().ok());
    Page { limit: PAGE_SIZE, before, after: None }
}

/// A value of a query; those that we read hold no escapes.
pub(super) fn value<'a>(query: Option<&'a str>, key: &str) -> Option<&'a str> {
    let pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find_map(|(name, value)| (name == key).then_some(value))
}

/// A reason as a page has it: empty if it was forgotten.
pub(super) fn words(reason: Option<&Reason>) -> String {
    reason.map_or_else(String::new, |reason| reason.as_str().to_owned())
}

/// The measures in force as a page has them.
pub(super) fn in_force(record: &Record) -> InForce {
    let why = |measure| record.standing.has(measure).then(|| words(record.reason(measure)));
    InForce {
        warned: why(Measure::Warning),
        silenced: why(Measure::Silence),
        suspended: why(Measure::Suspension),
    }
}

/// A tweet as a page has it.
pub(super) fn shown(seen: TweetSeen) -> TweetShown {
    TweetShown {
        id: seen.tweet.id.get(),
        author: seen.tweet.tweetedby,
        body: seen.tweet.body,
        at: seen.tweet.timestamp,
        hidden: seen.hidden.map(|why| words(why.as_ref())),
    }
}

/// An act as a page has it.
fn act(seen: ActSeen) -> Act {
    Act {
        kind: seen.kind,
        at: seen.at,
        by_operator: seen.by.is_none(),
        by: seen.by_name,
        about: seen.about_name,
        tweet: seen.tweet.map(|id| id.get()),
        role: seen.role.map(Role::as_str),
        reason: words(seen.reason.as_ref()),
    }
}
