//! System, light or dark: a form of three buttons, which works without JavaScript too.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::context::Theme;
use crate::flux::session::{Action, Session};
use crate::plain::{Plain, PlainView};

/// The switch of colours.
pub fn theme_switch(session: &Session) -> Plain {
    view! {
        <form class="themes" method="post" action="/theme">
            <div role="group" aria-label="Colours">
                {choice(session, Theme::System, "System")}
                {choice(session, Theme::Light, "Light")}
                {choice(session, Theme::Dark, "Dark")}
            </div>
        </form>
    }
    .plain()
}

fn choice(session: &Session, theme: Theme, label: &'static str) -> impl IntoView + use<> {
    let (worn, session) = (session.wears(theme), session.clone());
    let pressed = Memo::new(move |_| worn.get().to_string());
    let choose = move |event: MouseEvent| {
        event.prevent_default();
        session.dispatch(Action::ThemeChosen(theme));
    };
    view! {
        <button
            name="theme"
            value=theme.as_str()
            aria-pressed=pressed
            on:click=choose
        >
            {label}
        </button>
    }
}
