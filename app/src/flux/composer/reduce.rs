use siskin_domain::{TweetBody, TweetId, wire::Tweet};

use super::{Action, Attempt, Effect, State};
use crate::flux::timeline;

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
    let key = match state.unsure.take() {
        Some(unsure) if unsure.body == body => unsure.key,
        _ => key,
    };
    let tweet = Tweet {
        id: TweetId::compose(at, 0, 0),
        tweetedby: author.username.clone(),
        name: author.name.clone(),
        body: body.clone(),
        timestamp: at,
    };
    let attempt = Attempt { attempt: state.attempts, body, key };
    state.sending.push(attempt.clone());
    state.failure = None;
    state.write(String::new());
    let pending = timeline::Action::Pending { attempt: attempt.attempt, tweet };
    (vec![Effect::Post(attempt)], Some(pending))
}

fn refused(state: &mut State, attempt: u32, reason: String, final_: bool) -> Outcome {
    let Some(lost) = take(state, attempt) else { return (Vec::new(), None) };
    // The text comes back; what was typed in the meantime stays below it.
    let text = if state.draft.trim().is_empty() {
        lost.body.clone()
    } else {
        let mut text = lost.body.clone();
        text.push_str("\n\n");
        text.push_str(&state.draft);
        text
    };
    state.write(text);
    state.failure = Some(reason);
    state.unsure = (!final_).then_some(lost);
    (Vec::new(), Some(timeline::Action::RolledBack { attempt }))
}

fn arrived(state: &mut State, body: &str) {
    let came = |unsure: &mut Attempt| unsure.body == body;
    if state.unsure.take_if(came).is_none() {
        return;
    }
    state.failure = None;
    if state.draft.trim() == body {
        state.write(String::new());
    }
}

fn take(state: &mut State, attempt: u32) -> Option<Attempt> {
    let at = state.sending.iter().position(|sent| sent.attempt == attempt)?;
    Some(state.sending.remove(at))
}
