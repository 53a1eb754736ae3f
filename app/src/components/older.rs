//! The way to older tweets: a plain link, pressed by the page itself when one comes near it.

use leptos::ev::MouseEvent;
use leptos::html::Div;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use siskin_domain::TweetId;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use crate::browser;
use crate::flux::feed::Page;
use crate::flux::timeline::{Action, Older};
use crate::plain::{Plain, PlainView, sometimes};

/// The link to older tweets and what becomes of it. `base` is the list's own path and query.
pub fn older(page: Page, base: String, by_itself: bool) -> Plain {
    let (state, oldest) = (page.older(), page.oldest());
    let place = NodeRef::<Div>::new();
    if by_itself {
        press_when_near(page, place);
    }
    // How many tweets there were when the link was pressed.
    let pressed = StoredValue::new(None);
    let press = move |event: MouseEvent| {
        event.prevent_default();
        pressed.set_value(found("#tweets article").map(|all| all.length()));
        page.dispatch(Action::OlderAsked);
    };
    let base = StoredValue::new(base);
    let link = move |label: &'static str| {
        let before = oldest.get().map_or(0, TweetId::get);
        let href = base.with_value(|base| older_path(base, before));
        view! { <a class="button" rel="next" href=href on:click=press>{label}</a> }.plain()
    };
    browser::effect(move || {
        // The link is gone, and the focus with it: it goes to the first tweet that came, or else to
        // the link in its place.
        if state.get() != Older::Loading
            && let Some(before) = pressed.try_update_value(Option::take).flatten()
        {
            request_animation_frame(move || {
                let next = found("#tweets article, .older-place a").and_then(|all| all.get(before));
                let next = next.map(JsCast::unchecked_into);
                if let Some(next) = next.or_else(|| browser::by_id("tweets")) {
                    browser::focus_quietly(&next);
                }
            });
        }
    });
    let content = sometimes(move || match state.get() {
        Older::More => Some(link("Older")),
        Older::Loading => {
            Some(view! { <p class="note" role="status">"Loading older tweets…"</p> }.plain())
        }
        Older::Failed(reason) => {
            Some(view! { <p class="note" role="alert">{reason}</p> {link("Try again")} }.plain())
        }
        Older::End => None,
    });
    view! { <div class="older-place" node_ref=place>{content}</div> }.plain()
}

/// What there is of these on the page, in their order.
fn found(selector: &str) -> Option<web_sys::NodeList> {
    document().query_selector_all(selector).ok()
}

/// The page of what is older than an id.
#[must_use]
pub fn older_path(base: &str, before: u64) -> String {
    let joint = if base.contains('?') { '&' } else { '?' };
    format!("{base}{joint}before={before}")
}

/// Asks for older tweets when the place of the link comes within reach.
fn press_when_near(page: Page, place: NodeRef<Div>) {
    let older = page.older();
    browser::effect(move || {
        // Observed anew whenever there may be more, so that a short list is filled further.
        let (Some(place), Older::More) = (place.get(), older.get()) else { return };
        let near = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let is_near = |entry: wasm_bindgen::JsValue| {
                entry.unchecked_into::<web_sys::IntersectionObserverEntry>().is_intersecting()
            };
            if entries.iter().any(is_near) {
                page.dispatch(Action::OlderAsked);
            }
        });
        let options = web_sys::IntersectionObserverInit::new();
        options.set_root_margin("800px");
        let callback = near.as_ref().unchecked_ref();
        let made = web_sys::IntersectionObserver::new_with_options(callback, &options);
        let Ok(observer) = made else { return };
        observer.observe(&place);
        let held = SendWrapper::new((observer, near));
        on_cleanup(move || held.0.disconnect());
    });
}
