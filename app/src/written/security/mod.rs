//! What one logs in with, beside the password: what there is, and a page for each change of it.

pub mod app;
pub mod passkeys;

use maud::{Markup, html};
use siskin_domain::Timestamp;

use super::{Frame, Input};
use crate::relative_time::exact;

/// Where the page is.
pub const PATH: &str = "/settings/security";
/// Where an authenticator app is set up.
pub const APP_PATH: &str = "/settings/security/app";
/// Where the app's first code is sent to.
pub const APP_CODE_PATH: &str = "/settings/security/app/code";
/// Where the app is switched off.
pub const APP_REMOVE_PATH: &str = "/settings/security/app/remove";
/// Where new recovery codes are made.
pub const CODES_PATH: &str = "/settings/security/codes";
/// Where a passkey is added.
pub const NEW_PASSKEY_PATH: &str = "/settings/security/passkeys/new";

/// What somebody has.
#[derive(Debug, Clone)]
pub struct Security {
    /// Since when there is an authenticator app.
    pub app_since: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
    /// Their passkeys.
    pub passkeys: Vec<passkeys::MyPasskey>,
    /// Can there be passkeys here?
    pub passkeys_possible: bool,
}

/// The page.
#[must_use]
pub fn content(mine: &Security, frame: &Frame) -> Markup {
    html! {
        h1 { "Security" }
        (frame.whole_error())
        h2 { "Passkeys" }
        (passkeys::list(mine, frame.now))
        h2 { "Authenticator app" }
        @match mine.app_since {
            None => {
                p { "With an app on your phone, whoever knows your password still needs a code." }
                p { a.button href=(APP_PATH) rel="external" { "Set up an authenticator app" } }
            }
            Some(since) => {
                p { "Set up on " (exact(since)) ". A code is asked for after your password." }
                p { (left(mine.recovery_codes)) }
                p {
                    a.button href=(CODES_PATH) rel="external" { "Make new recovery codes" }
                    " "
                    a.button href=(APP_REMOVE_PATH) rel="external" { "Switch the app off" }
                }
            }
        }
        p.aside {
            a href="/settings/sessions" rel="external" { "Sessions and tokens" }
            " "
            a href="/profile" rel="external" { "Back to your profile" }
        }
    }
}

fn left(codes: usize) -> Markup {
    html! {
        @match codes {
            0 => { strong { "No recovery code is left." } " Make new ones before you need one." }
            1 => "1 recovery code is left."
            _ => { (codes) " recovery codes are left." }
        }
    }
}

/// The way back from the pages below.
fn back() -> Markup {
    html! { p.aside { a href=(PATH) rel="external" { "Back to security" } } }
}

/// A code of the app, or a recovery code.
pub(super) fn code(frame: &Frame, hint: &str) -> Markup {
    frame.input(&Input {
        name: "code",
        label: "Code",
        kind: "text",
        autocomplete: "one-time-code",
        hint,
        required: true,
    })
}
