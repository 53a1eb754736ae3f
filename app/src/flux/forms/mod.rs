//! The forms: log-in, sign-up, profile. Checked by the domain's own rules before they are sent.

mod action;
mod effect;
mod reduce;
mod rules;
mod state;
#[cfg(test)]
mod tests;

pub use action::Action;
pub use effect::Effect;
pub use rules::Kind;
pub use state::State;

use leptos::prelude::*;

use super::store::{Dispatcher, Slice, Store, start};

impl Slice for State {
    type Action = Action;
    type Effect = Effect;

    fn reduce(&mut self, action: Action) -> Vec<Effect> {
        reduce::reduce(self, action)
    }
}

/// A form's store and dispatcher, as components get them.
#[derive(Clone, Copy)]
pub struct Form {
    store: Store<State>,
    dispatcher: Dispatcher<State>,
}

impl Form {
    /// Constructs the form's store.
    #[must_use]
    pub fn begin(state: State) -> Self {
        let (store, dispatcher) = start(state);
        Self { store, dispatcher }
    }

    /// Tells the form what happened.
    pub fn dispatch(self, action: Action) {
        self.dispatcher.dispatch(action);
    }

    /// What is wrong with a field; empty if nothing is.
    #[must_use]
    pub fn error(self, field: &'static str) -> Memo<String> {
        self.store.select(move |state| {
            let found = state.errors.iter().find(|(name, _)| name == field);
            found.map(|(_, message)| message.clone()).unwrap_or_default()
        })
    }

    /// What is wrong with the whole form; empty if nothing is.
    #[must_use]
    pub fn failure(self) -> Memo<String> {
        self.store.select(|state| state.failure.clone().unwrap_or_default())
    }

    /// The version to send; `first` until the server has told another.
    #[must_use]
    pub fn version(self, first: String) -> Memo<String> {
        self.store.select(move |state| {
            state.version.map_or_else(|| first.clone(), |version| version.to_string())
        })
    }

    /// Is it on its way?
    #[must_use]
    pub fn is_sending(self) -> Memo<bool> {
        self.store.select(|state| state.sending)
    }
}
