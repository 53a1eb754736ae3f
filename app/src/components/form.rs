//! The frame of log-in, sign-up and profile: a real form that the app takes over.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::browser;
use crate::flux::forms::{Action, Form, Kind};
use crate::plain::{Plain, PlainView, alert, unless_empty, value_if};

/// The form around its fields.
pub fn form_frame(form: Form, kind: Kind, submit: &'static str, fields: Plain) -> Plain {
    let (failure, sending) = (form.failure(), form.is_sending());
    wake_up(form);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(element) = browser::form_of(&event) else { return };
        let mut names = kind.fields().to_vec();
        names.push("version");
        form.dispatch(Action::Submitted(browser::fields_of(&element, &names)));
    };
    view! {
        <form class="form" method="post" action=kind.path() novalidate on:submit=send>
            {unless_empty(failure, alert)}
            {fields}
            <button
                class="button primary"
                aria-disabled=value_if("true", move || sending.get())
            >
                {submit}
            </button>
        </form>
    }
    .plain()
}

/// A page that comes back from the browser's memory must not wait for an answer of then.
fn wake_up(form: Form) {
    browser::effect(move || {
        let handle = window_event_listener_untyped("pageshow", move |_| {
            form.dispatch(Action::CameBack);
        });
        on_cleanup(move || handle.remove());
    });
}
