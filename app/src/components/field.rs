//! A labelled input with its error and hint.

use leptos::prelude::*;

use crate::browser;
use crate::flux::forms::{Action, Form};
use crate::plain::{Plain, PlainView, value_if};

/// What a field is.
pub struct Field {
    /// Its name, which is its JSON key and its id.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// Its type: `text`, `email`, `password`, or `textarea`.
    pub kind: &'static str,
    /// What browsers and password managers may fill in.
    pub autocomplete: &'static str,
    /// A sentence of help.
    pub hint: &'static str,
    /// Must it be filled in?
    pub required: bool,
    /// What it holds at first; never for passwords.
    pub value: String,
}

/// The field.
pub fn field(form: Form, field: Field) -> Plain {
    let Field { name, label, kind, autocomplete, hint, required, value } = field;
    let error = form.error(name);
    let (error_id, hint_id) = ([name, "-error"].concat(), [name, "-hint"].concat());
    let described = [&error_id, " ", &hint_id].concat();
    let invalid = value_if("true", move || error.with(|text| !text.is_empty()));
    let typed = move |_| form.dispatch(Action::Typed { field: name.to_owned() });
    let left = move |event: leptos::ev::FocusEvent| {
        form.dispatch(Action::Left { field: name.to_owned(), value: browser::value_of(&event) });
    };
    let input = if kind == "textarea" {
        view! {
            <textarea id=name name=name rows="4" dir="auto" aria-describedby=described aria-invalid=invalid
                on:input=typed on:blur=left inner_html=browser::escaped(&value)></textarea>
        }
        .plain()
    } else {
        view! {
            <input id=name name=name type=kind dir="auto" autocomplete=autocomplete value=value
                autocapitalize=if name == "name" { "words" } else { "none" }
                spellcheck="false"
                aria-required=required.then_some("true")
                aria-describedby=described aria-invalid=invalid
                on:input=typed on:blur=left/>
        }
        .plain()
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <div class="input">
                {input}
                {(kind == "password").then(|| reveal_button(name))}
            </div>
            <p id=error_id class="field-error" aria-live="polite">{error}</p>
            <p id=hint_id class="hint">{(!hint.is_empty()).then_some(hint)}</p>
        </div>
    }
    .plain()
}

/// Shows what one types; it needs JavaScript, so it is hidden without.
fn reveal_button(name: &'static str) -> impl IntoView {
    let shown = RwSignal::new(false);
    let label = Memo::new(move |_| if shown.get() { "Hide" } else { "Show" }.to_owned());
    let toggle = move |_| {
        shown.update(|shown| *shown = !*shown);
        browser::reveal(name, shown.get_untracked());
    };
    view! {
        <button type="button" class="reveal js-only" aria-controls=name on:click=toggle>
            {label}
            <span class="visually-hidden">" password"</span>
        </button>
    }
}
