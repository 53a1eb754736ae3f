//! Erases the type of a view that waits for nothing, at the least cost in code.
//!
//! `into_any()` keeps every way of rendering a type: among others, hydrating it while parts of it
//! are still loading, and comparing it with its former self. For a component without resources and
//! lazy parts below it the first is the same as plain hydration, and the second can be done by
//! putting the new one in the old one's place. That halves what the browser must download.

use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Mountable, Position, PositionState};

/// Erases a view that waits for nothing.
pub trait PlainView {
    /// The view without its type.
    fn plain(self) -> AnyView;
}

impl<V: RenderHtml + Send + 'static> PlainView for V {
    fn plain(self) -> AnyView {
        Plain(self).into_any()
    }
}

struct Plain<V>(V);

impl<V: RenderHtml + Send + 'static> Render for Plain<V> {
    type State = V::State;

    fn build(self) -> Self::State {
        self.0.build()
    }

    fn rebuild(self, state: &mut Self::State) {
        let mut new = self.0.build();
        state.insert_before_this(&mut new);
        state.unmount();
        *state = new;
    }
}

impl<V: RenderHtml + Send + 'static> AddAnyAttr for Plain<V> {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, _: A) -> Self::Output<A> {
        self
    }
}

impl<V: RenderHtml + Send + 'static> RenderHtml for Plain<V> {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = V::MIN_LENGTH;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn html_len(&self) -> usize {
        self.0.html_len()
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0.to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        cursor: &Cursor,
        position: &PositionState,
    ) -> Self::State {
        self.0.hydrate::<FROM_SERVER>(cursor, position)
    }

    fn into_owned(self) -> Self {
        self
    }
}
