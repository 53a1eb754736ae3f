//! "3 new tweets": shows them when one wants to see them, without moving what one reads.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::browser;
use crate::flux::feed::Page;
use crate::flux::timeline::Action;
use crate::plain::{Plain, PlainView, sometimes};

/// The pill. It takes no room, so that nothing moves when it comes.
pub fn pill(page: Page, rows: NodeRef<Div>) -> Plain {
    let text = page.pill();
    let press = move |_| {
        let rows = rows.get_untracked();
        let newest = rows
            .as_ref()
            .and_then(|rows| rows.query_selector(".tweet:not([data-pending])").ok()?);
        let anchor = rows.as_ref().and_then(|rows| browser::first_visible(rows, ".tweet"));
        let focus = move || {
            // The pill is gone, and the focus with it: it goes to the newest of the new tweets.
            let first =
                rows.and_then(|rows| rows.query_selector(".tweet:not([data-pending])").ok()?);
            if let Some(first) = first.filter(|first| Some(first) != newest.as_ref()) {
                browser::focus_quietly(first.unchecked_ref());
            }
        };
        browser::hold_still(anchor, move || page.dispatch(Action::PillPressed), focus);
    };
    let button = move |text: String| {
        view! { <button type="button" class="pill" on:click=press>{text}</button> }.plain()
    };
    view! {
        <div class="pill-place">
            {sometimes(move || Some(text.get()).filter(|text| !text.is_empty()).map(button))}
        </div>
    }
    .plain()
}
