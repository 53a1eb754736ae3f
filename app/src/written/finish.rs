//! The end of a log-in with an account somewhere else that nobody here has linked, and what is said
//! when such a log-in can't be ended.

use maud::{Markup, html};

use super::{Frame, Input};
use crate::pages::signup::USERNAME_HINT;

/// Where the form is.
pub const PATH: &str = "/log-in/finish";

/// Where somebody who has an account here goes on.
const SETTINGS: &str = super::identities::PATH;

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    /// Everybody.
    Open,
    /// Whoever has an invitation.
    Invited,
    /// Nobody.
    Closed,
}

/// The page for somebody new. The frame holds what is known of them as if they had typed it.
#[must_use]
pub fn content(provider: &str, joining: Joining, frame: &Frame) -> Markup {
    html! {
        h1 { "Welcome" }
        (frame.whole_error())
        p { "Nobody here uses that account of " bdi { (provider) } " yet." }
        h2 { "New here?" }
        @if joining == Joining::Closed {
            p { "Nobody can sign up here; ask whoever runs this server." }
        } @else {
            (form(joining, frame))
        }
        h2 { "You have an account here?" }
        p {
            "Log in to it as you always do, then link the other account under "
            a href=(SETTINGS) rel="external" { "Ways to log in" } "."
        }
        p { a.button href="/login" rel="external" { "Log in" } }
    }
}

fn form(joining: Joining, frame: &Frame) -> Markup {
    html! {
        form.form method="post" action=(PATH) {
            (frame.input(&Input {
                name: "username",
                label: "Username",
                kind: "text",
                autocomplete: "username",
                hint: USERNAME_HINT,
                required: true,
            }))
            (frame.input(&Input {
                name: "email",
                label: "E-mail",
                kind: "email",
                autocomplete: "email",
                hint: "Nobody else sees it.",
                required: true,
            }))
            (frame.input(&Input {
                name: "name",
                label: "Name",
                kind: "text",
                autocomplete: "name",
                hint: "What people see; your username unless you say otherwise.",
                required: false,
            }))
            @if joining == Joining::Invited {
                (frame.input(&Input {
                    name: "invite",
                    label: "Invitation",
                    kind: "text",
                    autocomplete: "off",
                    hint: "Joining needs one here. Paste the link that you were given.",
                    required: true,
                }))
            }
            button.button.primary { "Make an account" }
        }
    }
}

/// Why a log-in by a provider did not end well.
#[must_use]
pub fn trouble(title: &str, sentence: &str, back: &str) -> Markup {
    html! {
        h1 { (title) }
        p { (sentence) }
        p { a.button href=(back) rel="external" { "Back" } }
    }
}
