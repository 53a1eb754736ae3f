//! The session: who is here, what time it is, which colours. One for the whole app.

mod action;
mod effect;
mod reduce;
mod state;

pub use action::Action;
pub use effect::Effect;
pub use state::State;

use std::sync::Arc;

use leptos::prelude::*;
use siskin_domain::Timestamp;

use super::feed::{self, Page};
use super::store::{Dispatcher, Slice, Store, start};
use super::{composer, timeline};
use crate::context::{Me, PageContext, SentForm, Settings, Theme};

impl Slice for State {
    type Action = Action;
    type Effect = Effect;

    fn reduce(&mut self, action: Action) -> Vec<Effect> {
        reduce::reduce(self, action)
    }
}

/// The session as components find it: `Session::here()`.
#[derive(Clone)]
pub struct Session {
    store: Store<State>,
    dispatcher: Dispatcher<State>,
    /// Never changes while the document lives, so it needs no signal.
    me: Option<Arc<Me>>,
    now: Memo<Timestamp>,
    home: Page,
}

impl Session {
    /// Starts the session of this document and provides it to everything below.
    pub fn begin(page: PageContext) -> Self {
        let me = page.me.clone().map(Arc::new);
        let home = begin_home(&page);
        let (store, dispatcher) = start(State::from(page));
        let now = store.select(|state| state.now);
        let session = Self { store, dispatcher, me, now, home };
        provide_context(session.clone());
        session
    }

    /// The session that `App` began.
    pub fn here() -> Self {
        expect_context()
    }

    /// Tells the session what happened.
    pub fn dispatch(&self, action: Action) {
        self.dispatcher.dispatch(action);
    }

    /// Who is signed in.
    pub fn me(&self) -> Option<Arc<Me>> {
        self.me.clone()
    }

    /// The store of the page at `/`. It outlives the page: neither a draft nor a tweet on its way
    /// is lost when the person goes elsewhere.
    pub fn home(&self) -> Page {
        self.home
    }

    /// What the operator configured.
    pub fn settings(&self) -> Settings {
        self.store.peek(|state| state.settings.clone())
    }

    /// The time that relative times are told from.
    pub fn now(&self) -> Memo<Timestamp> {
        self.now
    }

    /// Are these the colours?
    pub fn wears(&self, theme: Theme) -> Memo<bool> {
        self.store.select(move |state| state.theme == theme)
    }

    /// The refused form, if the page is shown because of one.
    pub fn refused_form(&self) -> Option<SentForm> {
        self.store.peek(|state| state.form.clone())
    }

    /// The refused form that was sent to `path`, if the page is shown because of it.
    pub fn sent_form(&self, path: &str) -> Option<SentForm> {
        self.refused_form().filter(|form| form.path == path)
    }

    /// Why the log-in page is shown instead of what another form would have led to.
    pub fn refused_elsewhere(&self, path: &str) -> Option<String> {
        let other = |form: &&SentForm| form.path != path;
        let reason = |form: &SentForm| form.errors.first().map(|error| error.message.clone());
        self.store.peek(|state| state.form.as_ref().filter(other).and_then(reason))
    }

    /// A sentence to show once; empty if there is none.
    pub fn flash(&self) -> Memo<String> {
        self.store.select(|state| state.flash.clone().unwrap_or_default())
    }

    /// Is this the first page of the document?
    pub fn has_moved(&self) -> bool {
        self.store.peek(|state| state.moves > 0)
    }
}

/// The page at `/` before its tweets have come.
fn begin_home(page: &PageContext) -> Page {
    let author =
        |me: &Me| composer::Author { username: me.username.clone(), name: me.name.clone() };
    let author = page.me.as_ref().map(author);
    Page::begin(feed::State {
        timeline: timeline::State::new(timeline::Feed::Everyone, None, Vec::new(), true),
        composer: composer::State::new(page.settings.tweet_max_chars, author),
    })
}
