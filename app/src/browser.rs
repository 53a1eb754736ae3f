//! The browser's ambient things: the clock, randomness, the document. Called from effects and
//! event handlers only, which the server never runs.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use siskin_domain::Timestamp;
use web_sys::{Element, HtmlElement, HtmlFormElement, HtmlInputElement};

/// Runs `act` when the page is there, and again whenever what it reads changes. All effects share
/// one type, and so its code.
pub fn effect(act: impl Fn() + 'static) {
    let act: Box<dyn Fn()> = Box::new(act);
    Effect::new(move |_| act());
}

/// Says that the page is alive: `<html data-hydrated="true">`, for tests and styles.
pub fn say_hydrated() {
    if let Some(root) = document().document_element() {
        _ = root.set_attribute("data-hydrated", "true");
    }
}

/// What time it is.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_unix_ms(js_sys::Date::now() as i64)
}

/// A fresh idempotency key. It need not be secret, only new; `crypto.randomUUID` is missing on
/// plain http.
#[must_use]
pub fn fresh_key() -> String {
    let mut key = String::with_capacity(24);
    for _ in 0..24 {
        let digit = (js_sys::Math::random() * 32.0) as u32;
        key.push(char::from_digit(digit.min(31), 32).unwrap_or('0'));
    }
    key
}

/// Makes the address bar say `path` if it says another path, without loading anything.
pub fn stay_at(path: &str) {
    let known = path.split('?').next().unwrap_or(path);
    let here = window().location().pathname().unwrap_or_default();
    // The server may have decoded or encoded what both mean the same by.
    let decoded = |text: &str| {
        js_sys::decode_uri_component(text).map_or_else(|_| text.to_owned(), String::from)
    };
    if decoded(&here) != decoded(known)
        && let Ok(history) = window().history()
    {
        _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path));
    }
}

/// The element with an id.
#[must_use]
pub fn by_id(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The form that an event came from.
#[must_use]
pub fn form_of(event: &web_sys::Event) -> Option<HtmlFormElement> {
    event.target()?.dyn_into().ok()
}

/// What an input or text area holds.
#[must_use]
pub fn value_of(event: &web_sys::Event) -> String {
    event_target_value(event)
}

/// The values of a form's fields.
#[must_use]
pub fn fields_of(form: &HtmlFormElement, names: &[&str]) -> Vec<(String, String)> {
    let Ok(data) = web_sys::FormData::new_with_form(form) else { return Vec::new() };
    names
        .iter()
        .filter_map(|name| data.get(name).as_string().map(|value| ((*name).to_owned(), value)))
        .collect()
}

/// Shows or hides a password.
pub fn reveal(id: &str, shown: bool) {
    if let Some(input) = by_id(id).and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) {
        input.set_type(if shown { "text" } else { "password" });
    }
}

/// Moves the focus without scrolling; makes the element focusable by program if need be.
pub fn focus_quietly(element: &HtmlElement) {
    if element.tab_index() < 0 && !element.has_attribute("tabindex") {
        element.set_tab_index(-1);
    }
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    _ = element.focus_with_options(&options);
}

/// Does something to each element in `within`.
pub fn each(within: &Element, selector: &str, mut act: impl FnMut(&Element)) {
    let Ok(all) = within.query_selector_all(selector) else { return };
    for at in 0..all.length() {
        if let Some(element) = all.get(at) {
            act(element.unchecked_ref());
        }
    }
}

/// The first element in `within` that is at least partly below the window's upper edge.
#[must_use]
pub fn first_visible(within: &Element, selector: &str) -> Option<Element> {
    let all = within.query_selector_all(selector).ok()?;
    (0..all.length())
        .filter_map(|at| all.get(at)?.dyn_into::<Element>().ok())
        .find(|element| element.get_bounding_client_rect().bottom() > 0.0)
}

/// How far the window is scrolled.
#[must_use]
pub fn scrolled() -> f64 {
    window().scroll_y().unwrap_or(0.0)
}

/// Changes the page and keeps `anchor` where the reader sees it.
pub fn hold_still(anchor: Option<Element>, change: impl FnOnce(), then: impl FnOnce() + 'static) {
    let top = |element: &Element| element.get_bounding_client_rect().top();
    // At the very top one reads what comes in there.
    let held = anchor.filter(|_| scrolled() > 8.0).map(|element| (top(&element), element));
    change();
    // The rows are put in by a microtask; this runs after it and before the next paint.
    request_animation_frame(move || {
        if let Some((before, element)) = held {
            window().scroll_by_with_x_and_y(0.0, top(&element) - before);
        }
        then();
    });
}

/// The text as the content of a `<textarea>`, where leptos would put hydration marks.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
