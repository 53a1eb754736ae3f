use super::{Action, Effect, State};
use crate::flux::{composer, timeline};

/// The page's next state: each slice reduces its own actions, and the composer's outcomes are
/// shown by the timeline.
pub(super) fn reduce(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Shown(timeline) => {
            shown(state, *timeline);
            Vec::new()
        }
        Action::Timeline(action) => timeline_action(state, action),
        // A tweet that the stream has brought is there, whatever became of its POST.
        Action::Composer(composer::Action::Refused { attempt, .. })
            if state.has_arrived(attempt) =>
        {
            state.composer.sending.retain(|sent| sent.attempt != attempt);
            Vec::new()
        }
        Action::Composer(action) => {
            let (effects, shown) = composer::reduce(&mut state.composer, action);
            let mut all: Vec<Effect> = effects.into_iter().map(Effect::Composer).collect();
            if let Some(shown) = shown {
                all.extend(timeline_action(state, shown));
            }
            all
        }
    }
}

fn shown(state: &mut State, timeline: timeline::State) {
    // What is on its way stays in sight, and what was typed stays typed.
    let mut rows = std::mem::take(&mut state.timeline.rows);
    rows.retain(|row| row.pending);
    state.timeline = timeline;
    rows.append(&mut state.timeline.rows);
    state.timeline.rows = rows;
    state.composer.show_again();
}

fn timeline_action(state: &mut State, action: timeline::Action) -> Vec<Effect> {
    // A tweet whose POST failed without an answer may have arrived all the same.
    let arrived: Vec<String> = match &action {
        timeline::Action::Posted(tweet) => vec![tweet],
        timeline::Action::CaughtUp(tweets) => tweets.iter().collect(),
        _ => Vec::new(),
    }
    .into_iter()
    .filter(|tweet| state.is_mine(&tweet.tweetedby) && !state.timeline.knows(tweet.id))
    .map(|tweet| tweet.body.clone())
    .collect();
    for body in arrived {
        composer::reduce(&mut state.composer, composer::Action::Arrived { body });
    }
    timeline::reduce(&mut state.timeline, action).into_iter().map(Effect::Timeline).collect()
}
