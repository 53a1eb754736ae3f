//! The accounts somewhere else that a person logs in with.

use std::sync::Arc;

use maud::{Markup, html};
use siskin_domain::Timestamp;

use super::{Frame, Input};
use crate::relative_time::{ago, exact};

/// Where the page is.
pub const PATH: &str = "/settings/identities";

/// What the page shows.
#[derive(Debug, Clone, Default)]
pub struct MyIdentities {
    /// Those that are linked, oldest first.
    pub linked: Vec<Linked>,
    /// Where the person can log in to link more.
    pub providers: Vec<Way>,
    /// Do they have a password here?
    pub has_password: bool,
}

/// An account somewhere else that is linked.
#[derive(Debug, Clone)]
pub struct Linked {
    /// What it is unlinked by.
    pub id: String,
    /// What the provider is called.
    pub provider: String,
    /// What the person knows it by; may be empty.
    pub label: String,
    /// Since when it is linked.
    pub linked_at: Timestamp,
    /// When they last logged in with it.
    pub used_at: Option<Timestamp>,
}

/// Somewhere else where a person can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Its name in addresses.
    pub name: String,
    /// What it is called.
    pub label: String,
}

/// All providers that people may log in with. The server provides them as a Leptos context.
#[derive(Debug, Clone)]
pub struct Ways(pub Arc<[Way]>);

/// The buttons of the page to log in, nothing if there are no providers.
#[must_use]
pub fn buttons(ways: &[Way]) -> Markup {
    html! {
        @for way in ways {
            form method="post" action={ "/log-in/with/" (way.name) } {
                button.button { span { "Log in with " bdi { (way.label) } } }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn content(mine: &MyIdentities, frame: &Frame) -> Markup {
    html! {
        h1 { "Ways to log in" }
        (frame.whole_error())
        h2 { "Linked accounts" }
        @if mine.linked.is_empty() {
            p.note { "No account somewhere else is linked to yours." }
        } @else {
            ul { @for one in &mine.linked { li { (row(one, frame.now)) } } }
        }
        @if !mine.providers.is_empty() { (link_more(mine, frame)) }
        @if mine.has_password {
            p { "You have a password. " a href="/profile" rel="external" { "Change it" } }
        } @else {
            (first_password(frame))
        }
        p.aside { a href="/profile" rel="external" { "Back to your profile" } }
    }
}

fn row(one: &Linked, now: Timestamp) -> Markup {
    let time = |at: Timestamp| {
        html! { time datetime=(at.to_string()) title=(exact(at)) { (ago(at, now)) } }
    };
    html! {
        div {
            p {
                strong { bdi { (one.provider) } }
                @if !one.label.is_empty() { " · " bdi { (one.label) } }
            }
            p.hint {
                "Linked " (time(one.linked_at))
                @match one.used_at {
                    Some(at) => { ", last used " (time(at)) "." }
                    None => { ", not used yet." }
                }
            }
        }
        form method="post" action={ (PATH) "/" (one.id) "/unlink" } {
            button.quiet {
                "Unlink" span.visually-hidden { " " bdi { (one.provider) " " (one.label) } }
            }
        }
    }
}

/// One form: the password is typed once, and the button says where to.
fn link_more(mine: &MyIdentities, frame: &Frame) -> Markup {
    html! {
        h2 { "Link another account" }
        form.form method="post" {
            @if mine.has_password {
                (frame.input(&Input {
                    name: "current_password",
                    label: "Your password here",
                    kind: "password",
                    autocomplete: "current-password",
                    hint: "Whoever logs in with a linked account needs none.",
                    required: true,
                }))
            }
            @for way in &mine.providers {
                button.button formaction={ (PATH) "/link/" (way.name) } {
                    span { "Link " bdi { (way.label) } }
                }
            }
        }
    }
}

fn first_password(frame: &Frame) -> Markup {
    html! {
        h2 { "Set a password" }
        form.form method="post" action={ (PATH) "/password" } {
            (frame.input(&Input {
                name: "password",
                label: "Password",
                kind: "password",
                autocomplete: "new-password",
                hint: "At least 8 characters. With it you can log in without any other account.",
                required: true,
            }))
            button.button.primary { "Set it" }
        }
    }
}
