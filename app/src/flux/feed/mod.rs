//! A page with a timeline, and perhaps a composer: what the one sends, the other shows.

mod action;
mod effect;
mod reduce;
mod state;
#[cfg(test)]
mod tests;

pub use action::Action;
pub use effect::Effect;
pub use state::State;

use leptos::prelude::*;
use siskin_domain::TweetId;

use super::store::{Dispatcher, Slice, Store, start};
use super::timeline::{self, Older, Row, Stream};

impl Slice for State {
    type Action = Action;
    type Effect = Effect;

    fn reduce(&mut self, action: Action) -> Vec<Effect> {
        reduce::reduce(self, action)
    }
}

/// The page's store and dispatcher, as components get them.
#[derive(Clone, Copy)]
pub struct Page {
    store: Store<State>,
    dispatcher: Dispatcher<State>,
}

impl Page {
    /// Constructs the page's store from its data.
    #[must_use]
    pub fn begin(state: State) -> Self {
        let (store, dispatcher) = start(state);
        Self { store, dispatcher }
    }

    /// Tells the page what happened.
    pub fn dispatch(self, action: impl Into<Action>) {
        self.dispatcher.dispatch(action.into());
    }

    /// The rows that are shown.
    #[must_use]
    pub fn rows(self) -> Memo<Vec<Row>> {
        self.store.select(|state| state.timeline.shown())
    }

    /// The rows as they are now.
    #[must_use]
    pub fn rows_now(self) -> Vec<Row> {
        self.store.peek(|state| state.timeline.shown())
    }

    /// Is there no row to show?
    #[must_use]
    pub fn is_empty(self) -> Memo<bool> {
        self.store.select(|state| state.timeline.shown().is_empty())
    }

    /// How many new tweets wait behind the pill.
    #[must_use]
    pub fn waiting(self) -> Memo<usize> {
        self.store.select(|state| state.timeline.waiting.len())
    }

    /// What is known of older tweets.
    #[must_use]
    pub fn older(self) -> Memo<Older> {
        self.store.select(|state| state.timeline.older.clone())
    }

    /// The oldest tweet that is known.
    #[must_use]
    pub fn oldest(self) -> Memo<Option<TweetId>> {
        self.store.select(|state| state.timeline.oldest())
    }

    /// Have the live events broken off?
    #[must_use]
    pub fn is_offline(self) -> Memo<bool> {
        self.store.select(|state| state.timeline.stream == Stream::Lost)
    }

    /// The tweet whose deletion must be confirmed.
    #[must_use]
    pub fn asked(self) -> Memo<Option<TweetId>> {
        self.store.select(|state| state.timeline.asked)
    }

    /// What went wrong with the timeline.
    #[must_use]
    pub fn failure(self) -> Memo<Option<String>> {
        self.store.select(|state| state.timeline.failure.clone())
    }

    /// What a screen reader should say.
    #[must_use]
    pub fn said(self) -> Memo<String> {
        self.store.select(|state| state.timeline.said.clone())
    }

    /// How many characters are left in the composer.
    #[must_use]
    pub fn left(self) -> Memo<i64> {
        self.store.select(|state| state.composer.left())
    }

    /// What is wrong with what the composer sent.
    #[must_use]
    pub fn refusal(self) -> Memo<Option<String>> {
        self.store.select(|state| state.composer.failure.clone())
    }

    /// What the text area should be set to, and how often it was set.
    #[must_use]
    pub fn rewrite(self) -> Memo<(u32, String)> {
        self.store.select(|state| state.composer.rewrite.clone())
    }
}

/// What the pill says.
#[must_use]
pub fn pill_text(count: usize) -> String {
    timeline::new_tweets(count)
}
