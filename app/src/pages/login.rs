//! Logging in.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use maud::{Markup, html};

use crate::components::field::{Field, field};
use crate::components::form::form_frame;
use crate::flux::forms::{Kind, State};
use crate::flux::session::Session;
use crate::head::{Head, arrive, describe};
use crate::plain::{Plain, PlainView, still};

/// The page at `/login`.
pub struct LogIn;

#[lazy_route]
impl LazyRoute for LogIn {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        describe(Head {
            title: "Log in".to_owned(),
            description: "Log in to Siskin.".to_owned(),
            path: "/login".to_owned(),
            kind: "website",
            next: None,
        });
        arrive();
        let session = Session::here();
        let sent = session.sent_form(Kind::LogIn.path());
        let mut state = State::new(Kind::LogIn, sent.as_ref());
        if let Some(reason) = session.refused_elsewhere(Kind::LogIn.path()) {
            state.failure = Some(reason);
        }
        let form = super::begin_form(state);
        let username = super::typed(sent.as_ref(), "username");
        let fields = view! {
            {field(form, Field {
                name: "username",
                label: "Username",
                kind: "text",
                autocomplete: "username",
                hint: "",
                required: true,
                value: username,
            })}
            {field(form, Field {
                name: "password",
                label: "Password",
                kind: "password",
                autocomplete: "current-password",
                hint: "",
                required: true,
                value: String::new(),
            })}
        }
        .plain();
        view! {
            <section class="plain">
                <h1>"Log in"</h1>
                {form_frame(form, Kind::LogIn, "Log in", fields)}
                {more_ways()}
                <p class="aside"><a href="/log-in/passkey" rel="external">"Log in with a passkey"</a></p>
                <p class="aside">"New here? " <a href="/signup" rel="external">"Make an account"</a></p>
                <p class="aside">
                    <a href="/account/forgot" rel="external">"Forgot your password?"</a>
                </p>
            </section>
        }
        .plain()
        .into_any()
    }
}

/// Where else one can log in: plain forms, which the server alone knows.
fn more_ways() -> Plain {
    still(if Session::here().has_moved() {
        // Shown if the server has said in `<html>` that there are any.
        html! { a.more-ways href="/login" rel="external" { "More ways to log in" } }
    } else {
        written()
    })
}

/// What people wrote into forms that they must log in for: none of it is lost.
#[cfg(feature = "ssr")]
fn typed_elsewhere() -> Markup {
    const WRITTEN: [&str; 4] = ["body", "reason", "name", "bio"];
    let values = Session::here().refused_form().map(|form| form.values).unwrap_or_default();
    let is_text = |(name, value): &&(String, String)| {
        WRITTEN.contains(&name.as_str()) && !value.trim().is_empty()
    };
    let typed: Vec<_> = values.iter().filter(is_text).collect();
    html! {
        @if !typed.is_empty() {
            p { "What you typed:" }
            @for (_, value) in typed { p.note dir="auto" { (value) } }
        }
    }
}

#[cfg(feature = "ssr")]
fn written() -> Markup {
    use crate::written::identities::{Ways, buttons};
    let ways = use_context::<Ways>().map(|ways| buttons(&ways.0)).unwrap_or_default();
    html! { (typed_elsewhere()) (ways) }
}

/// What the server has written is there already.
#[cfg(not(feature = "ssr"))]
fn written() -> Markup {
    html! {}
}
