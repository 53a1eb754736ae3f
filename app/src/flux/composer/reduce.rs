use siskin_domain::{TweetBody, TweetId, wire::Tweet};

use super::{Action, Attempt, Effect, State};
use crate::flux::timeline;

/// So soon after a tweet has left, an empty one is the second click of a double one, in milliseconds.
const DOUBLE_CLICK: i64 = 1000;

/// The composer's next state, and what the timeline should be told of it.
pub(in crate::flux) fn reduce(
    state: &mut State,
    action: Action,
) -> (Vec<Effect>, Option<timeline::Action>) {
    match action {
        Action::Typed(text) => {
            state.draft = text;
            state.failure = None;
            (Vec::new(), None)
        }
        Action::Submitted { text, at, key } => submitted(state, text, at, key),
        Action::Confirmed { attempt, tweet } => {
            take(state, attempt);
            (Vec::new(), Some(timeline::Action::Confirmed { attempt, tweet }))
        }
        Action::Refused { attempt, reason, final_ } => refused(state, attempt, reason, final_),
        Action::Arrived { body } => {
            arrived(state, &body);
            (Vec::new(), None)
        }
    }
}

type Outcome = (Vec<Effect>, Option<timeline::Action>);

fn submitted(
    state: &mut State,
    text: String,
    at: siskin_domain::Timestamp,
    key: String,
) -> Outcome {
    state.draft = text;
    let just_left = state.left_at.is_some_and(|left| at < left.plus_ms(DOUBLE_CLICK));
    if (just_left || !state.sending.is_empty()) && state.draft.trim().is_empty() {
        return (Vec::new(), None);
    }
    let Some(author) = &state.author else { return (Vec::new(), None) };
    let body = match TweetBody::parse(&state.draft, state.max) {
        Ok(body) => body,
        Err(error) => {
            state.failure = Some(error.message.into_owned());
            return (Vec::new(), None);
        }
    };
    state.attempts += 1;
    let body = String::from(body);
    // The same text after a failure without an answer may have arrived: the same key asks for it.
    let same = state.unsure.iter().position(|unsure| unsure.body == body);
    let key = same.map_or(key, |at| state.unsure.remove(at).key);
    let tweet = Tweet {
        id: TweetId::compose(at, 0, 0),
        tweetedby: author.username.clone(),
        name: author.name.clone(),
        body: body.clone(),
        timestamp: at,
    };
    let username = author.username.clone();
    let attempt = Attempt { attempt: state.attempts, username, body, key };
    state.sending.push(attempt.clone());
    state.left_at = Some(at);
    state.failure = None;
    state.brought_back.clear();
    state.write(String::new());
    let pending = timeline::Action::Pending { attempt: attempt.attempt, tweet };
    (vec![Effect::Post(attempt)], Some(pending))
}

fn refused(state: &mut State, attempt: u32, reason: String, final_: bool) -> Outcome {
    let Some(lost) = take(state, attempt) else { return (Vec::new(), None) };
    // The text comes back below what came back before; what was typed in the meantime stays below it.
    let before = std::mem::take(&mut state.brought_back);
    let (mut text, typed) = match state.draft.strip_prefix(before.as_str()) {
        Some(typed) => (before, typed.trim_start()),
        None => (String::new(), state.draft.as_str()),
    };
    add(&mut text, &lost.body);
    state.brought_back.clone_from(&text);
    if !typed.is_empty() {
        add(&mut text, typed);
    }
    state.write(text);
    state.failure = Some(reason);
    if !final_ {
        state.unsure.push(lost);
    }
    (Vec::new(), Some(timeline::Action::RolledBack { attempt }))
}

fn arrived(state: &mut State, body: &str) {
    let came = state.unsure.iter().position(|unsure| unsure.body == body);
    let Some(at) = came else { return };
    state.unsure.remove(at);
    if state.unsure.is_empty() {
        state.failure = None;
    }
    if state.draft.trim() == body {
        state.write(String::new());
    }
}

/// Adds a paragraph.
fn add(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

fn take(state: &mut State, attempt: u32) -> Option<Attempt> {
    let at = state.sending.iter().position(|sent| sent.attempt == attempt)?;
    Some(state.sending.remove(at))
}
