//! Joins a pure slice to Leptos: a store with private state and a dispatcher.

use std::sync::Arc;

use leptos::prelude::*;

/// A slice of state with its pure reducer.
pub trait Slice: Sized + Send + Sync + 'static {
    /// What happened or was asked.
    type Action: 'static;
    /// What the world should do.
    type Effect: 'static;

    /// The next state; the effects are for the world to run, in order.
    fn reduce(&mut self, action: Self::Action) -> Vec<Self::Effect>;
}

/// Runs one effect, and dispatches what comes of it.
pub type Run<S> = Arc<dyn Fn(<S as Slice>::Effect, Dispatcher<S>) + Send + Sync>;

/// The world that runs a slice's effects, as a context. The server has none: there, no effect
/// is ever run.
pub struct World<S: Slice>(pub Run<S>);

impl<S: Slice> Clone for World<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The state, readable through selectors only. The selectors of a slice stand in its `mod.rs`.
pub struct Store<S: Slice>(RwSignal<S>);

impl<S: Slice> Clone for Store<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: Slice> Copy for Store<S> {}

impl<S: Slice> Store<S> {
    /// A part of the state that notifies its readers only when it is another one.
    pub(super) fn select<T>(self, part: impl Fn(&S) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        let state = self.0;
        Memo::new(move |_| state.with(|state| part(state)))
    }

    /// A part of the state as it is now, without following it.
    pub(super) fn peek<T>(self, part: impl FnOnce(&S) -> T) -> T {
        self.0.with_untracked(part)
    }
}

/// The only way to change a store.
pub struct Dispatcher<S: Slice> {
    state: RwSignal<S>,
    run: StoredValue<Option<World<S>>>,
}

impl<S: Slice> Clone for Dispatcher<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: Slice> Copy for Dispatcher<S> {}

impl<S: Slice> Dispatcher<S> {
    /// Reduces the action and runs its effects. Does nothing if the page is gone.
    pub fn dispatch(self, action: S::Action) {
        let Some(effects) = self.state.try_update(|state| state.reduce(action)) else { return };
        let Some(Some(World(run))) = self.run.try_get_value() else { return };
        for effect in effects {
            run(effect, self);
        }
    }
}

/// A store that begins with `state`, and its dispatcher.
pub fn start<S: Slice>(state: S) -> (Store<S>, Dispatcher<S>) {
    let state = RwSignal::new(state);
    let run = StoredValue::new(use_context::<World<S>>());
    (Store(state), Dispatcher { state, run })
}
