//! The page of sessions and tokens, as the server writes it.

use leptos::prelude::{GetUntracked as _, use_context};
use maud::{Markup, html};
use siskin_domain::Timestamp;

use super::{PATH, TOKENS_PATH};
use crate::context::{MySession, MySessions, SentForm};
use crate::flux::session::Session;
use crate::relative_time::{ago, exact};

/// For how many days a token may be asked on the page.
const DAYS: [(&str, &str); 4] =
    [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "A year")];
/// The choice unless the person makes another.
const USUAL_DAYS: &str = "90";

/// What a token may be for, and in words.
const SCOPES: [(&str, &str); 3] = [
    ("read", "Read what only you see"),
    ("write", "Tweet, and change what is yours"),
    ("admin", "With the one above: moderate what others write"),
];

pub(super) fn content() -> Markup {
    let session = Session::here();
    let (now, sent) = (session.now().get_untracked(), session.sent_form(TOKENS_PATH));
    let whole = sent.iter().flat_map(|sent| &sent.errors).find(|error| error.field.is_none());
    let moderates = session.me().is_some_and(|me| me.moderates);
    let Some(mine) = use_context::<MySessions>() else {
        return html! {
            h1 { "Sessions and tokens" }
            p { "To see where you are logged in, " a href="/login" { "log in" } "." }
        };
    };
    let (tokens, browsers): (Vec<_>, Vec<_>) = mine.list.iter().partition(|one| one.is_token);
    html! {
        h1 { "Sessions and tokens" }
        @if let Some(error) = whole { p.form-error role="alert" { (error.message) } }
        @if let Some(secret) = &mine.made { (made(secret)) }
        h2 { "Where you are logged in" }
        (list(&browsers, now, "You are logged in nowhere."))
        @if mine.list.len() > 1 {
            form method="post" action={ (PATH) "/end-others" } {
                button.button.danger aria-describedby="end-others-hint" { "End all others" }
                p #end-others-hint.hint { "Logs out your other browsers and ends all tokens." }
            }
        }
        h2 { "API tokens" }
        (list(&tokens, now, "You have no tokens. Programs need one to act for you."))
        h2 { "New token" }
        (form(sent.as_ref(), moderates))
        p.aside { a href="/profile" rel="external" { "Back to your profile" } }
    }
}

/// Shown this once: the next page does not know it.
fn made(secret: &str) -> Markup {
    html! {
        div.secret role="status" {
            p { strong { "Your new token." } " Copy it now: it is not shown again." }
            p { code dir="ltr" tabindex="0" { (secret) } }
        }
    }
}

fn list(sessions: &[&MySession], now: Timestamp, empty: &str) -> Markup {
    html! {
        @if sessions.is_empty() {
            p.note { (empty) }
        } @else {
            ul { @for session in sessions { li { (row(session, now)) } } }
        }
    }
}

fn row(session: &MySession, now: Timestamp) -> Markup {
    let called = if session.is_token { &session.name } else { &session.device };
    let called = match (called.as_str(), session.is_token) {
        ("", true) => "A token without a name",
        ("", false) => "An unknown browser",
        (called, _) => called,
    };
    let seen = session.last_seen_at;
    html! {
        div {
            p {
                strong { bdi { (called) } }
                @if session.current { " · this browser" }
            }
            p.hint {
                @if session.is_token {
                    "For " (session.scopes.join(", ")) ". "
                    @if !session.device.is_empty() { "Made with " bdi { (session.device) } ". " }
                }
                @if !session.place.is_empty() { "From " bdi { (session.place) } ". " }
                "Last seen "
                time datetime=(seen.to_string()) title=(exact(seen)) { (ago(seen, now)) }
                ", ends on " (exact(session.expires_at)) "."
            }
        }
        @if !session.current {
            form method="post" action={ (PATH) "/" (session.id) "/end" } {
                button.quiet {
                    "End" span.visually-hidden { " " bdi { (called) } ", last seen " (exact(seen)) }
                }
            }
        }
    }
}

fn form(sent: Option<&SentForm>, moderates: bool) -> Markup {
    let value = |name: &str| crate::pages::typed(sent, name);
    let error = |name: &str| {
        let errors = sent.iter().flat_map(|sent| &sent.errors);
        let mut found = errors.filter(|error| error.field.as_deref() == Some(name));
        found.next().map(|error| error.message.clone()).unwrap_or_default()
    };
    let (name_error, scopes_error) = (error("name"), error("scopes"));
    let checked = |scope: &str| match sent {
        Some(sent) => sent.values.iter().any(|(key, value)| key == "scopes" && value == scope),
        None => scope != "admin",
    };
    let days = Some(value("expires_in_days")).filter(|days| !days.is_empty());
    let days = days.unwrap_or_else(|| USUAL_DAYS.to_owned());
    html! {
        form.form method="post" action=(TOKENS_PATH) {
            div.field {
                label for="name" { "Name" }
                div.input {
                    input #name name="name" type="text" dir="auto" autocomplete="off" aria-required="true"
                        value=(value("name")) aria-describedby="name-error name-hint"
                        aria-invalid=[(!name_error.is_empty()).then_some("true")];
                }
                p #name-error.field-error { (name_error) }
                p #name-hint.hint { "What it is for, so that you know it again." }
            }
            fieldset aria-describedby="scopes-error" {
                legend { "What it may do" }
                @for (scope, words) in SCOPES {
                    @if scope != "admin" || moderates {
                        label.choice {
                            input type="checkbox" name="scopes" value=(scope) checked[checked(scope)];
                            " " (words)
                        }
                    }
                }
                p #scopes-error.field-error { (scopes_error) }
            }
            div.field {
                label for="expires_in_days" { "It ends after" }
                div.input {
                    select #expires_in_days name="expires_in_days"
                        aria-describedby="expires_in_days-error" {
                        @for (number, words) in DAYS {
                            option value=(number) selected[days == number] { (words) }
                        }
                    }
                }
                p #expires_in_days-error.field-error { (error("expires_in_days")) }
            }
            button.button.primary { "Make a token" }
        }
    }
}
