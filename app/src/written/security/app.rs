//! The pages of an authenticator app.

use maud::{Markup, html};

use super::{APP_CODE_PATH, APP_PATH, APP_REMOVE_PATH, CODES_PATH, back, code};
use crate::written::Frame;

/// An app that is being set up.
#[derive(Clone)]
pub struct SetUp {
    /// What the form brings back.
    pub token: String,
    /// The secret, for typing.
    pub secret: String,
    /// The address in the QR code.
    pub address: String,
    /// The QR code; none if there is no way to draw it.
    pub qr: Option<Qr>,
}

/// A QR code: black squares as a path of an SVG, one unit each.
#[derive(Debug, Clone)]
pub struct Qr {
    /// Width and height in squares, with the margin.
    pub size: usize,
    /// SVG's path data.
    pub path: String,
}

/// The first step: whoever sets it up knows the password, if there is one.
#[must_use]
pub fn begin(frame: &Frame, has_password: bool) -> Markup {
    html! {
        h1 { "Set up an authenticator app" }
        p { "The app shows a new code of six digits twice a minute. You need one at each log-in." }
        (frame.whole_error())
        form.form method="post" action=(APP_PATH) {
            (frame.own_password("password", has_password))
            button.button.primary { "Continue" }
        }
        (back())
    }
}

/// The second step: the secret, and a code that shows that the app has it.
#[must_use]
pub fn show(set_up: &SetUp, frame: &Frame) -> Markup {
    html! {
        h1 { "Set up an authenticator app" }
        (frame.whole_error())
        p { "Scan this with the app, or type the key into it. Then type the code that it shows." }
        @if let Some(qr) = &set_up.qr { (drawn(qr)) }
        div.secret {
            p { "Key" }
            p { code #secret dir="ltr" tabindex="0" { (grouped(&set_up.secret)) } }
            p {
                a href=(set_up.address) rel="external" { "Open it in an app on this device" }
            }
            p.hint { "As an address: " code dir="ltr" { (set_up.address) } }
        }
        form.form method="post" action=(APP_CODE_PATH) {
            input type="hidden" name="setup" value=(set_up.token);
            (code(frame, "Six digits. Nothing changes before a right one."))
            button.button.primary { "Switch it on" }
        }
        (back())
    }
}

/// Recovery codes, shown this once.
#[must_use]
pub fn codes(codes: &[String]) -> Markup {
    html! {
        h1 { "Your recovery codes" }
        div.secret role="status" {
            p {
                strong { "Keep these where you find them without your phone." }
                " They are not shown again. Each is good once, in place of a code of the app."
            }
            ul { @for code in codes { li { code dir="ltr" { (code) } } } }
        }
        (back())
    }
}

/// The page for new recovery codes.
#[must_use]
pub fn renew(frame: &Frame, has_password: bool) -> Markup {
    html! {
        h1 { "New recovery codes" }
        p { "The ones you have will not count any more." }
        (both(frame, has_password, CODES_PATH, "Make new recovery codes", "button primary"))
    }
}

/// The page on which the app is switched off.
#[must_use]
pub fn remove(frame: &Frame, has_password: bool) -> Markup {
    html! {
        h1 { "Switch the app off" }
        p { "Your password will be enough again, and your recovery codes will be gone." }
        (both(frame, has_password, APP_REMOVE_PATH, "Switch the app off", "button danger"))
    }
}

fn both(frame: &Frame, has_password: bool, action: &str, button: &str, class: &str) -> Markup {
    html! {
        (frame.whole_error())
        form.form method="post" action=(action) {
            (frame.own_password("password", has_password))
            (code(frame, "One of the app, or a recovery code."))
            button class=(class) { (button) }
        }
        (back())
    }
}

/// Black on white whatever the page's colours are, as cameras want it.
fn drawn(qr: &Qr) -> Markup {
    html! {
        svg role="img" aria-label="QR code with the key below" width="224" height="224"
            viewBox={ "0 0 " (qr.size) " " (qr.size) } shape-rendering="crispEdges" {
            rect width="100%" height="100%" fill="#fff" {}
            path d=(qr.path) fill="#000" {}
        }
    }
}

/// Groups of four, as one types them.
fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}
