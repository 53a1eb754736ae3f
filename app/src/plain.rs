//! Erases the type of a view that waits for nothing, at the least cost in code.
//!
//! `into_any()` keeps every way of rendering a type: among others, hydrating it while parts of it
//! are still loading, and comparing it with its former self. For a component without resources and
//! lazy parts below it the first is the same as plain hydration, and the second can be done by
//! putting the new one in the old one's place. That saves a third of what the browser downloads.

use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::view::{Mountable, Position, PositionState};
use maud::Markup;

/// A view without its type, that waits for nothing.
pub struct Plain(Box<dyn Parts>);

/// Erases a view that waits for nothing.
pub trait PlainView {
    /// The view without its type.
    fn plain(self) -> Plain;
}

impl<V: RenderHtml + Send + 'static> PlainView for V {
    fn plain(self) -> Plain {
        Plain(Box::new(self))
    }
}

/// HTML that never changes: no more code than its text.
pub fn still(html: Markup) -> Plain {
    view! { <div class="still" inner_html=html.into_string()></div> }.plain()
}

/// A view that is there while `view` gives one. All of them share one type, and so its code.
pub fn sometimes(view: impl Fn() -> Option<Plain> + Send + 'static) -> Plain {
    let view: Box<dyn FnMut() -> Option<Plain> + Send> = Box::new(view);
    view.plain()
}

/// A view of a text that is there while the text is not empty.
pub fn unless_empty(text: Memo<String>, view: fn(String) -> Plain) -> Plain {
    sometimes(move || Some(text.get()).filter(|text| !text.is_empty()).map(view))
}

/// An attribute that is there with this value, or not there. All of them share one type.
pub fn value_if(
    value: &'static str,
    holds: impl Fn() -> bool + Send + 'static,
) -> Box<dyn FnMut() -> Option<&'static str> + Send> {
    Box::new(move || holds().then_some(value))
}

/// An error that a screen reader says at once.
pub fn alert(text: String) -> Plain {
    view! { <p class="form-error" role="alert">{text}</p> }.plain()
}

/// What a plain view can do.
trait Parts: Send {
    fn build(self: Box<Self>) -> Box<dyn Mountable>;
    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn Mountable>;
    #[cfg(feature = "ssr")]
    fn write(
        self: Box<Self>,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
    );
}

impl<V: RenderHtml + Send + 'static> Parts for V {
    fn build(self: Box<Self>) -> Box<dyn Mountable> {
        Box::new(Render::build(*self))
    }

    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn Mountable> {
        Box::new(RenderHtml::hydrate::<true>(*self, cursor, position))
    }

    #[cfg(feature = "ssr")]
    fn write(
        self: Box<Self>,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
    ) {
        self.to_html_with_buf(buf, position, escape, mark_branches, Vec::new());
    }
}

/// What a plain view has become on the page.
pub struct Mounted(Box<dyn Mountable>);

impl Mountable for Mounted {
    fn unmount(&mut self) {
        self.0.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.0.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.0.elements()
    }
}

impl Render for Plain {
    type State = Mounted;

    fn build(self) -> Mounted {
        Mounted(self.0.build())
    }

    fn rebuild(self, state: &mut Mounted) {
        let mut new = self.0.build();
        state.0.insert_before_this(new.as_mut());
        state.0.unmount();
        state.0 = new;
    }
}

impl AddAnyAttr for Plain {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, _: A) -> Self::Output<A> {
        self
    }
}

impl RenderHtml for Plain {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        _: Vec<AnyAttribute>,
    ) {
        #[cfg(feature = "ssr")]
        self.0.write(buf, position, escape, mark_branches);
        #[cfg(not(feature = "ssr"))]
        let _ = (buf, position, escape, mark_branches);
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        cursor: &Cursor,
        position: &PositionState,
    ) -> Mounted {
        Mounted(self.0.hydrate(cursor, position))
    }

    fn into_owned(self) -> Self {
        self
    }
}
