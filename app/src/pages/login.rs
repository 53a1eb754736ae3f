//! Logging in.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::components::field::{Field, field};
use crate::components::form::form_frame;
use crate::flux::forms::{Kind, State};
use crate::flux::session::Session;
use crate::head::{Head, arrive, describe};
use crate::plain::PlainView;

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
                <p class="aside">"New here? " <a href="/signup" rel="external">"Make an account"</a></p>
                <p class="aside">
                    <a href="/account/forgot" rel="external">"Forgot your password?"</a>
                </p>
                <p class="aside">"New here? " <a href="/signup">"Make an account"</a></p>
            </section>
        }
        .plain()
        .into_any()
    }
}
