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

    /// Shows another timeline. Once more with the same tweets changes nothing, so that it may stand
    /// where a page is made of its data.
    #[must_use]
    pub fn showing(self, timeline: timeline::State) -> Self {
        self.dispatch(Action::Shown(Box::new(timeline)));
        self
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

    /// What the pill says; empty if there is none.
    #[must_use]
    pub fn pill(self) -> Memo<String> {
        self.store.select(|state| timeline::new_tweets(state.timeline.waiting.len()))
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

    /// Must a deletion be confirmed?
    #[must_use]
    pub fn is_asking(self) -> Memo<bool> {
        self.store.select(|state| state.timeline.asked.is_some())
    }

    /// What went wrong with the timeline; empty if nothing did.
    #[must_use]
    pub fn failure(self) -> Memo<String> {
        self.store.select(|state| state.timeline.failure.clone().unwrap_or_default())
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

    /// Are there too many?
    #[must_use]
    pub fn is_over(self) -> Memo<bool> {
        self.store.select(|state| state.composer.left() < 0)
    }

    /// What a screen reader says while one types: nothing until it gets tight.
    #[must_use]
    pub fn warning(self) -> Memo<String> {
        self.store.select(|state| match state.composer.left() {
            left @ ..0 => format!("{} characters too many", -left),
            left @ 0..=10 => format!("{left} characters left"),
            11..=20 => "20 characters left".to_owned(),
            _ => String::new(),
        })
    }

    /// What is wrong with what the composer sent; empty if nothing is.
    #[must_use]
    pub fn refusal(self) -> Memo<String> {
        self.store.select(|state| state.composer.failure.clone().unwrap_or_default())
    }

    /// How often the text area was set by us: when it grows, it is to be set to [`Page::text`].
    #[must_use]
    pub fn rewrites(self) -> Memo<i64> {
        self.store.select(|state| i64::from(state.composer.rewrite.0))
    }

    /// What the text area should be set to.
    #[must_use]
    pub fn text(self) -> String {
        self.store.peek(|state| state.composer.rewrite.1.clone())
    }
}
