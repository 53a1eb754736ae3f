//! The steps of a log-in that are not on the page with the password: the code, and the passkey.

use maud::{Markup, html};

use super::Frame;
use super::security::code as code_input;
use super::security::passkeys::{buttons, script, without_script};

/// Where the code is typed.
pub const CODE_PATH: &str = "/log-in/code";
/// Where a passkey is shown.
pub const PASSKEY_PATH: &str = "/log-in/passkey";

/// After the password: the code.
#[must_use]
pub fn code(frame: &Frame) -> Markup {
    html! {
        h1 { "Your code" }
        p { "Your password is right. Now the code that your authenticator app shows." }
        (frame.whole_error())
        form.form method="post" action=(CODE_PATH) {
            (code_input(frame, "Or one of your recovery codes."))
            button.button.primary { "Log in" }
        }
        p.aside { a href="/login" rel="external" { "Begin again" } }
    }
}

/// Without a password: the passkey.
#[must_use]
pub fn passkey(possible: bool) -> Markup {
    html! {
        h1 { "Log in with a passkey" }
        @if possible {
            (without_script())
            form.form method="post" action=(PASSKEY_PATH) data-passkey="log-in" hidden {
                (buttons("Use a passkey"))
            }
            (script())
        } @else {
            p.note { "There are no passkeys here: this site has no name, only a number." }
        }
        p.aside { a href="/login" rel="external" { "Log in with a password" } }
    }
}
