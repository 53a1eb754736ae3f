//! Runs the effects of all slices, and dispatches what comes of them.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use siskin_domain::wire::Tweet;
use siskin_domain::{TweetId, Username};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::backend::HttpBackend;
use super::fetch::{Answer, UNREACHABLE, send};
use super::stream::listen;
use crate::backend::{Backend, BackendHandle, PAGE_SIZE, Trouble, Window};
use crate::browser;
use crate::context::{FormError, Theme};
use crate::flux::store::{Dispatcher, Run, World};
use crate::flux::timeline::{Action, Feed};
use crate::flux::{composer, feed, forms, session, timeline};
use crate::json::Json;

/// What people are told whose page is of another account than the browser's session.
const SOMEBODY_ELSE: &str =
    "You are signed in as somebody else here now. Reload the page, then send it again.";

/// Provides the browser's backend, and the worlds of the session and of timelines.
pub(crate) fn provide() {
    provide_context(BackendHandle(Arc::new(HttpBackend)));
    let run: Run<session::State> = Arc::new(|effect, _| match effect {
        session::Effect::WearTheme(theme) => wear(theme),
    });
    provide_context(World(run));
    let run: Run<feed::State> = Arc::new(run_feed);
    provide_context(World(run));
}

/// Provides the world of forms. Pages with forms call it, so that only they load it.
pub(crate) fn provide_forms() {
    let run: Run<forms::State> = Arc::new(run_form);
    provide_context(World(run));
}

fn run_feed(effect: feed::Effect, dispatcher: Dispatcher<feed::State>) {
    match effect {
        feed::Effect::Timeline(timeline::Effect::Listen) => listen(dispatcher),
        feed::Effect::Timeline(effect) => spawn_local(async move {
            if let Some(action) = run_timeline(effect).await {
                dispatcher.dispatch(action.into());
            }
        }),
        feed::Effect::Composer(composer::Effect::Post(attempt)) => spawn_local(async move {
            dispatcher.dispatch(post(attempt).await.into());
        }),
    }
}

async fn run_timeline(effect: timeline::Effect) -> Option<Action> {
    match effect {
        timeline::Effect::Listen => None,
        timeline::Effect::CatchUp { feed, after } => {
            let window = Window { before: None, after };
            tweets(&feed, window).await.ok().map(Action::CaughtUp)
        }
        timeline::Effect::LoadOlder { feed, before } => {
            let window = Window { before: Some(before), after: None };
            Some(match tweets(&feed, window).await {
                Ok(tweets) => {
                    let end = tweets.len() < usize::from(PAGE_SIZE);
                    Action::OlderCame { tweets, end }
                }
                Err(trouble) => Action::OlderFailed(trouble.to_string()),
            })
        }
        timeline::Effect::Delete(id) => Some(delete(id).await),
    }
}

async fn tweets(feed: &Feed, window: Window) -> Result<Vec<Tweet>, Trouble> {
    let answer = match feed {
        Feed::Of(username) => {
            let username = Username::parse(username).map_err(|_| Trouble::NotFound)?;
            HttpBackend.tweets_of(username, window)
        }
        Feed::Everyone | Feed::Only => HttpBackend.timeline(window),
    };
    answer.await.map(Arc::unwrap_or_clone)
}

async fn delete(id: TweetId) -> Action {
    let path = ["/api/v2/tweets/", &id.to_string()].concat();
    match send("DELETE", &path, &[], None).await {
        // Somebody else was faster.
        Some(answer) if answer.is_good() || answer.status == 404 => Action::Deleted(id),
        Some(answer) => Action::DeleteFailed { id, reason: answer.reason() },
        None => Action::DeleteFailed { id, reason: UNREACHABLE.to_owned() },
    }
}

/// Posts a tweet. While nobody answers, it is tried again with the same key, so the server does
/// the work once.
async fn post(attempt: composer::Attempt) -> composer::Action {
    let composer::Attempt { attempt, username, body, key } = attempt;
    let headers = [("Content-Type", "application/json"), ("Idempotency-Key", key.as_str())];
    let quoted = js_sys::JSON::stringify(&JsValue::from_str(&body)).map(String::from);
    let quoted = quoted.unwrap_or_default();
    // A username needs no escaping.
    let json = ["{\"username\":\"", &username, "\",\"body\":", &quoted, "}"].concat();
    let mut last = None;
    for wait in [0, 500, 1500] {
        sleep(wait).await;
        last = send("POST", "/api/v2/tweets", &headers, Some(&json)).await;
        match &last {
            None => {}
            Some(answer) if matches!(answer.status, 502..=504) => {}
            Some(_) => break,
        }
    }
    let created = |answer: &Answer| {
        answer.json::<Json>().filter(|_| answer.is_good()).and_then(|json| json.read("tweet"))
    };
    match &last {
        Some(answer) => match created(answer) {
            Some(tweet) => composer::Action::Confirmed { attempt, tweet },
            None => composer::Action::Refused {
                attempt,
                reason: refusal(answer),
                final_: (400..500).contains(&answer.status),
            },
        },
        None => {
            let reason = UNREACHABLE.to_owned();
            composer::Action::Refused { attempt, reason, final_: false }
        }
    }
}

/// Why a tweet was not taken.
fn refusal(answer: &Answer) -> String {
    let code = answer.json::<Json>().and_then(|json| json.read::<String>("code"));
    match code.as_deref() {
        // The name that the page was loaded with: it is somebody else's session, or nobody's name.
        Some("not_you" | "not_found") => SOMEBODY_ELSE.to_owned(),
        _ => answer.reason(),
    }
}

async fn sleep(ms: u64) {
    if ms == 0 {
        return;
    }
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        set_timeout(
            move || {
                _ = resolve.call0(&JsValue::NULL);
            },
            Duration::from_millis(ms),
        );
    });
    _ = JsFuture::from(promise).await;
}

fn run_form(effect: forms::Effect, dispatcher: Dispatcher<forms::State>) {
    match effect {
        forms::Effect::Send { path, fields } => spawn_local(async move {
            dispatcher.dispatch(send_form(path, &fields).await);
        }),
        forms::Effect::Go(location) => _ = window().location().assign(&location),
        forms::Effect::Focus(field) => {
            if let Some(input) = browser::by_id(&field) {
                _ = input.focus();
            }
        }
    }
}

async fn send_form(path: &str, fields: &[(String, String)]) -> forms::Action {
    let Ok(body) = web_sys::UrlSearchParams::new() else { return refused(UNREACHABLE) };
    for (name, value) in fields {
        body.append(name, value);
    }
    let body = String::from(body.to_string());
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let Some(answer) = send("POST", path, &headers, Some(&body)).await else {
        return refused(UNREACHABLE);
    };
    if answer.is_good()
        && let Some(location) = answer.json::<Json>().and_then(|json| json.read("location"))
    {
        return forms::Action::Taken { location };
    }
    if let Some(version) = answer.json::<Json>().and_then(|json| json.read("version")) {
        return forms::Action::Outdated { version, reason: answer.reason() };
    }
    match answer.json::<FormError>() {
        Some(error) => forms::Action::Refused(vec![error]),
        None => refused(&answer.reason()),
    }
}

fn refused(message: &str) -> forms::Action {
    forms::Action::Refused(vec![FormError { field: None, message: message.to_owned() }])
}

/// Shows the colours at once, and keeps them in the cookie that the server reads.
fn wear(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    _ = root.set_attribute("data-theme", theme.as_str());
    let cookie = ["theme=", theme.as_str(), "; Path=/; Max-Age=31536000; SameSite=Lax"].concat();
    let document: JsValue = document().into();
    _ = js_sys::Reflect::set(&document, &"cookie".into(), &cookie.into());
}
