use std::sync::Arc;

use siskin_domain::{TweetId, wire::Tweet};

use super::{Action, Effect, Older, Row, State, Stream};

/// How many deleted ids are remembered: more than a stream can bring late.
const GONE: usize = 256;

/// The timeline's next state.
pub(in crate::flux) fn reduce(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Began => return vec![Effect::Listen],
        Action::StreamOpened => return stream_opened(state),
        Action::StreamLost => state.stream = Stream::Lost,
        Action::Posted(tweet) => came(state, vec![tweet]),
        Action::Vanished(id) => vanished(state, id),
        Action::CaughtUp(tweets) => came(state, tweets),
        Action::PillPressed => pill_pressed(state),
        Action::OlderAsked => return older_asked(state),
        Action::OlderCame { tweets, end } => older_came(state, tweets, end),
        Action::OlderFailed(reason) => state.older = Older::Failed(reason),
        Action::DeleteAsked(id) => {
            state.asked = Some(id);
            state.failure = None;
        }
        Action::DeleteDismissed => state.asked = None,
        Action::DeleteConfirmed => return delete_confirmed(state),
        Action::Deleted(id) => vanished(state, id),
        Action::DeleteFailed { id, reason } => delete_failed(state, id, reason),
        Action::Pending { attempt, tweet } => {
            let row = Row { attempt: Some(attempt), tweet: Arc::new(tweet), pending: true };
            state.rows.insert(0, row);
        }
        Action::Confirmed { attempt, tweet } => confirmed(state, attempt, tweet),
        Action::RolledBack { attempt } => {
            state.rows.retain(|row| !(row.pending && row.attempt == Some(attempt)));
        }
    }
    Vec::new()
}

fn stream_opened(state: &mut State) -> Vec<Effect> {
    // What happened while nobody listened is fetched: before the first opening, and after a break
    // that was too long for the server to remember. What comes twice is known by its id.
    state.stream = Stream::Open;
    if state.newest && state.feed != super::Feed::Only {
        return vec![Effect::CatchUp { feed: state.feed.clone(), after: state.newest_id() }];
    }
    Vec::new()
}

/// Tweets came, newest first.
fn came(state: &mut State, tweets: Vec<Tweet>) {
    let waited = !state.waiting.is_empty();
    for tweet in tweets.into_iter().rev() {
        posted(state, tweet);
    }
    // Once: whoever listens to something else is not told of each.
    if !waited && !state.waiting.is_empty() {
        state.said = new_tweets(state.waiting.len());
    }
}

fn posted(state: &mut State, tweet: Tweet) {
    // A stream that goes on where another ended may say again what is further down, still to be
    // loaded.
    let below = state.older != Older::End && state.oldest().is_some_and(|oldest| tweet.id < oldest);
    if below || state.knows(tweet.id) || !state.is_for_here(&tweet) {
        return;
    }
    if state.me.as_deref() != Some(tweet.tweetedby.as_str()) {
        let at = state.waiting.iter().position(|other| other.id < tweet.id);
        state.waiting.insert(at.unwrap_or(state.waiting.len()), tweet);
        return;
    }
    // Ours: the oldest pending tweet that says the same has arrived. If none does, we tweeted it
    // elsewhere.
    let same = |row: &Row| row.pending && row.tweet.body == tweet.body;
    let attempt = state.rows.iter().rposition(same).map(|at| state.rows.remove(at).attempt);
    let mut row = Row::of(tweet);
    row.attempt = attempt.flatten();
    state.insert(row);
}

fn confirmed(state: &mut State, attempt: u32, tweet: Tweet) {
    state.rows.retain(|row| !(row.pending && row.attempt == Some(attempt)));
    if state.knows(tweet.id) {
        return;
    }
    let mut row = Row::of(tweet);
    row.attempt = Some(attempt);
    state.insert(row);
}

fn vanished(state: &mut State, id: TweetId) {
    state.rows.retain(|row| row.pending || row.tweet.id != id);
    state.leaving.retain(|row| row.tweet.id != id);
    state.waiting.retain(|tweet| tweet.id != id);
    if state.asked == Some(id) {
        state.asked = None;
    }
    if !state.gone.contains(&id) {
        state.gone.push(id);
        if state.gone.len() > GONE {
            state.gone.remove(0);
        }
    }
}

fn pill_pressed(state: &mut State) {
    state.said = match state.waiting.len() {
        0 => String::new(),
        1 => "1 new tweet is shown.".to_owned(),
        n => format!("{n} new tweets are shown."),
    };
    for tweet in std::mem::take(&mut state.waiting) {
        state.insert(Row::of(tweet));
    }
}

fn older_asked(state: &mut State) -> Vec<Effect> {
    if matches!(state.older, Older::Loading | Older::End) {
        return Vec::new();
    }
    let Some(before) = state.oldest() else {
        state.older = Older::End;
        return Vec::new();
    };
    state.older = Older::Loading;
    vec![Effect::LoadOlder { feed: state.feed.clone(), before }]
}

fn older_came(state: &mut State, tweets: Vec<Tweet>, end: bool) {
    state.older = if end { Older::End } else { Older::More };
    for tweet in tweets {
        if !state.knows(tweet.id) {
            state.insert(Row::of(tweet));
        }
    }
}

fn delete_confirmed(state: &mut State) -> Vec<Effect> {
    let Some(id) = state.asked.take() else { return Vec::new() };
    let found = state.rows.iter().position(|row| !row.pending && row.tweet.id == id);
    let Some(at) = found else { return Vec::new() };
    let row = state.rows.remove(at);
    state.leaving.push(row);
    state.said = "The tweet was deleted.".to_owned();
    vec![Effect::Delete(id)]
}

fn delete_failed(state: &mut State, id: TweetId, reason: String) {
    let found = state.leaving.iter().position(|row| row.tweet.id == id);
    // If the stream has said that it is gone, the failure is of no interest.
    let Some(at) = found else { return };
    let row = state.leaving.remove(at);
    state.insert(row);
    state.said.clear();
    state.failure = Some(reason);
}

/// What the pill says, and a screen reader with it.
#[must_use]
pub(in crate::flux) fn new_tweets(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "1 new tweet".to_owned(),
        n => format!("{n} new tweets"),
    }
}
