//! Signing up where not everybody may: with an invitation, or not at all.

use maud::{Markup, html};

use super::{Frame, Input};
use crate::pages::signup::USERNAME_HINT;

/// Where the page is, and where its form is sent to.
pub const PATH: &str = "/signup";

/// How the person who asks may join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayIn {
    /// By this invitation.
    Invited {
        /// Its code.
        code: String,
    },
    /// By the invitation that they lack.
    NeedsInvitation,
    /// No more by the invitation that they have.
    Ended,
    /// Not at all.
    Closed,
}

const FIELDS: [Input<'_>; 4] = [
    Input {
        name: "username",
        label: "Username",
        kind: "text",
        autocomplete: "username",
        hint: USERNAME_HINT,
        required: true,
    },
    Input {
        name: "email",
        label: "E-mail",
        kind: "email",
        autocomplete: "email",
        hint: "Nobody else sees it.",
        required: true,
    },
    Input {
        name: "password",
        label: "Password",
        kind: "password",
        autocomplete: "new-password",
        hint: "At least 8 characters.",
        required: true,
    },
    Input {
        name: "name",
        label: "Name",
        kind: "text",
        autocomplete: "name",
        hint: "What people see. You may leave it out and change it at any time.",
        required: false,
    },
];

/// The page.
#[must_use]
pub fn content(way: &WayIn, frame: &Frame) -> Markup {
    html! {
        h1 { "Sign up" }
        @match way {
            WayIn::Invited { code } => {
                (frame.whole_error())
                form.form method="post" action=(PATH) {
                    input type="hidden" name="invite" value=(code);
                    @for field in &FIELDS { (frame.input(field)) }
                    button.button.primary { "Sign up" }
                }
            }
            WayIn::NeedsInvitation => p {
                "Joining needs an invitation here. Ask somebody who is a member for a link."
            },
            WayIn::Ended => p {
                "This invitation has ended, is used up, or never was one. Ask whoever gave it to you "
                "for another."
            },
            WayIn::Closed => p {
                "Nobody can sign up here at the moment. Whoever runs this server can add you."
            },
        }
        p.aside { "Already here? " a href="/login" rel="external" { "Use your account" } }
    }
}
