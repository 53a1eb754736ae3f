//! Signing up.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::components::field::{Field, field};
use crate::components::form::form_frame;
use crate::flux::forms::{Kind, State};
use crate::flux::session::Session;
use crate::head::{Head, arrive, describe};
use crate::plain::PlainView;

/// What a username is made of, for people.
pub(crate) const USERNAME_HINT: &str =
    "3 to 30 of a to z, digits, dot and underscore, beginning with a letter.";

/// The page at `/signup`.
pub struct SignUp;

#[lazy_route]
impl LazyRoute for SignUp {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        #[cfg(feature = "ssr")]
        if let Some(page) = crate::written::instead() {
            return page.into_any();
        }
        describe(Head {
            title: "Sign up".to_owned(),
            description: "Make an account on Siskin.".to_owned(),
            path: "/signup".to_owned(),
            kind: "website",
            next: None,
        });
        arrive();
        let sent = Session::here().sent_form(Kind::SignUp.path());
        let form = super::begin_form(State::new(Kind::SignUp, sent.as_ref()));
        let typed = |name: &str| super::typed(sent.as_ref(), name);
        let fields = view! {
            {field(form, Field {
                name: "username",
                label: "Username",
                kind: "text",
                autocomplete: "username",
                hint: USERNAME_HINT,
                required: true,
                value: typed("username"),
            })}
            {field(form, Field {
                name: "email",
                label: "E-mail",
                kind: "email",
                autocomplete: "email",
                hint: "Nobody else sees it.",
                required: true,
                value: typed("email"),
            })}
            {field(form, Field {
                name: "password",
                label: "Password",
                kind: "password",
                autocomplete: "new-password",
                hint: "At least 8 characters.",
                required: true,
                value: String::new(),
            })}
            {field(form, Field {
                name: "name",
                label: "Name",
                kind: "text",
                autocomplete: "name",
                hint: "What people see. You may leave it out and change it at any time.",
                required: false,
                value: typed("name"),
            })}
        }
        .plain();
        view! {
            <section class="plain">
                <h1>"Sign up"</h1>
                {form_frame(form, Kind::SignUp, "Sign up", fields)}
                <p class="aside">"Already here? " <a href="/login">"Use your account"</a></p>
            </section>
        }
        .plain()
        .into_any()
    }
}
