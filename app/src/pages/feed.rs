//! What pages with a timeline have in common: their data, and their store.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use siskin_domain::{TweetId, wire::Tweet};

use crate::backend::{BackendHandle, PAGE_SIZE, Window};
use crate::context::Me;
use crate::flux::timeline::Feed;
use crate::flux::{composer, feed, timeline};

/// A page of tweets, shared on the server, where many requests show the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tweets(pub(super) Arc<Vec<Tweet>>);

impl Serialize for Tweets {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.as_slice().serialize(to)
    }
}
impl<'de> Deserialize<'de> for Tweets {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::deserialize(from).map(|tweets| Self(Arc::new(tweets)))
    }
}

/// The backend of this side.
pub(super) fn backend() -> BackendHandle {
    expect_context()
}

/// The address's `before`: without JavaScript, lists are turned page by page.
pub(super) fn before() -> Memo<Option<TweetId>> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|query| query.get_str("before").and_then(|id| id.parse().ok())))
}

/// The window that begins below `before`.
pub(super) fn window_below(before: Option<TweetId>) -> Window {
    Window { before, after: None }
}

/// The state of a page with a timeline.
pub(super) fn state(feed: Feed, me: Option<&Me>, tweets: &Tweets, newest: bool) -> feed::State {
    let end = tweets.0.len() < usize::from(PAGE_SIZE);
    let mine = me.map(|me| me.username.clone());
    let mut timeline = timeline::State::new(feed, mine, tweets.0.as_ref().clone(), end);
    timeline.newest = newest;
    feed::State { timeline, composer: composer::State::new(0, None) }
}

/// The path of the page of older tweets, if there is one.
pub(super) fn next_path(tweets: &Tweets, base: &str) -> Option<String> {
    let full = tweets.0.len() >= usize::from(PAGE_SIZE);
    let last = tweets.0.last().filter(|_| full)?;
    Some(crate::components::older::older_path(base, last.id.get()))
}
