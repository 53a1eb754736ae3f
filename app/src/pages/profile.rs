//! One's own profile, to change.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use maud::html;

use crate::components::field::{Field, field};
use crate::components::form::form_frame;
use crate::context::{Me, MyDetails};
use crate::flux::forms::{Form, Kind, State};
use crate::flux::session::Session;
use crate::head::{Head, arrive, describe};
use crate::plain::{Plain, PlainView, still};

/// The page at `/profile`.
pub struct Profile;

#[lazy_route]
impl LazyRoute for Profile {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        describe(Head {
            title: "Profile".to_owned(),
            description: "Your profile on Siskin.".to_owned(),
            kind: "website",
            ..Head::default()
        });
        arrive();
        show().into_any()
    }
}

fn show() -> Plain {
    let session = Session::here();
    let Some(me) = session.me() else { return for_visitor() };
    let Some(details) = &me.details else { return without_details() };
    let sent = session.sent_form(Kind::Profile.path());
    let form = super::begin_form(State::new(Kind::Profile, sent.as_ref()));
    let value = |name: &str, kept: &str| match &sent {
        Some(sent) => super::typed(Some(sent), name),
        None => kept.to_owned(),
    };
    let version = form.version(value("version", &details.version.to_string()));
    let fields = view! {
        <input type="hidden" name="version" value=version/>
        {about(form, &me, details, &value)}
        {password(form)}
    }
    .plain();
    view! {
        <section class="plain">
            <h1>"Profile"</h1>
            {form_frame(form, Kind::Profile, "Save", fields)}
            {settings(&me, details)}
        </section>
    }
    .plain()
}

/// All pages about oneself, which the server alone writes, and the one for who moderates.
fn settings(me: &Me, details: &MyDetails) -> Plain {
    let links = [
        ("/settings/sessions", "Sessions and tokens", true),
        ("/settings/security", "Security", true),
        ("/settings/identities", "Ways to log in", true),
        ("/settings/mail", "E-mail address", true),
        ("/settings/data", "Your data", true),
        ("/settings/invitations", "Invitations", details.invites),
        ("/moderation", "Moderation", me.moderates),
    ];
    still(html! {
        nav.aside aria-label="Settings" {
            @for (path, title, there) in links {
                @if there { a href=(path) rel="external" { (title) } " " }
            }
        }
    })
}

fn about(form: Form, me: &Me, details: &MyDetails, value: &dyn Fn(&str, &str) -> String) -> Plain {
    view! {
        {field(form, Field {
            name: "name",
            label: "Name",
            kind: "text",
            autocomplete: "name",
            hint: "",
            required: true,
            value: value("name", &me.name),
        })}
        {field(form, Field {
            name: "username",
            label: "Username",
            kind: "text",
            autocomplete: "username",
            hint: "Links to your old username stop working when you change it.",
            required: true,
            value: value("username", &me.username),
        })}
        {field(form, Field {
            name: "email",
            label: "E-mail",
            kind: "email",
            autocomplete: "email",
            hint: "Nobody else sees it.",
            required: true,
            value: value("email", &details.email),
        })}
        {field(form, Field {
            name: "bio",
            label: "Bio",
            kind: "textarea",
            autocomplete: "off",
            hint: "Up to 160 characters about you.",
            required: false,
            value: value("bio", &details.bio),
        })}
    }
    .plain()
}

fn password(form: Form) -> Plain {
    view! {
        <fieldset>
            <legend>"Change your password"</legend>
            {field(form, Field {
                name: "password",
                label: "New password",
                kind: "password",
                autocomplete: "new-password",
                hint: "Leave it empty to keep the one you have. Your other devices are logged out when you change it.",
                required: false,
                value: String::new(),
            })}
            {field(form, Field {
                name: "current_password",
                label: "Current password",
                kind: "password",
                autocomplete: "current-password",
                hint: "Only needed for a new password.",
                required: false,
                value: String::new(),
            })}
        </fieldset>
    }
    .plain()
}

fn for_visitor() -> Plain {
    view! {
        <section class="plain">
            <h1>"Profile"</h1>
            <p>"To see and change your profile, " <a href="/login">"log in"</a> "."</p>
        </section>
    }
    .plain()
}

/// The person came here without asking the server, which alone knows the rest.
fn without_details() -> Plain {
    view! {
        <section class="plain">
            <h1>"Profile"</h1>
            <p><a class="button" href="/profile" rel="external">"Open your profile"</a></p>
        </section>
    }
    .plain()
}
