//! System, light or dark: a form of three buttons, which works without JavaScript too.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::context::Theme;
use crate::flux::session::{Action, Session};
use crate::plain::PlainView;

/// The switch of colours.
pub fn theme_switch(session: &Session) -> AnyView {
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
    let (worn, session) = (session.theme(), session.clone());
    let choose = move |event: MouseEvent| {
        event.prevent_default();
        session.dispatch(Action::ThemeChosen(theme));
    };
    view! {
        <button
            name="theme"
            value=theme.as_str()
            aria-pressed=move || if worn.get() == theme { "true" } else { "false" }
            on:click=choose
        >
            {label}
        </button>
    }
}
