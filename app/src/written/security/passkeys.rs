//! Passkeys: the list, the page that adds one, the page that removes one.
//!
//! What only a script can do is in `public/passkeys.js`: it finds its form by `data-passkey`, and
//! shows what is hidden until it knows that the browser can do it.

use maud::{Markup, html};
use siskin_domain::Timestamp;

use super::{NEW_PASSKEY_PATH, PATH, Security, back};
use crate::relative_time::{ago, exact};
use crate::written::{Frame, Input};

/// A passkey, as its owner is shown it.
#[derive(Debug, Clone)]
pub struct MyPasskey {
    /// What it is removed by.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

/// Where a passkey is removed.
#[must_use]
pub fn remove_path(id: &str) -> String {
    format!("{PATH}/passkeys/{id}/remove")
}

pub(super) fn list(mine: &Security, now: Timestamp) -> Markup {
    html! {
        @if !mine.passkeys.is_empty() {
            ul { @for passkey in &mine.passkeys { li { (row(passkey, now)) } } }
        } @else if mine.passkeys_possible {
            p.note { "You have no passkeys. With one you log in without a password." }
        }
        @if mine.passkeys_possible {
            p { a.button href=(NEW_PASSKEY_PATH) rel="external" { "Add a passkey" } }
        } @else {
            p.hint { "There are no passkeys here: this site has no name, only a number." }
        }
    }
}

fn row(passkey: &MyPasskey, now: Timestamp) -> Markup {
    html! {
        div {
            p { strong { bdi { (passkey.name) } } }
            p.hint {
                "Added on " (exact(passkey.created_at)) ", "
                @match passkey.used_at {
                    None => "not used yet."
                    Some(used) => {
                        "last used "
                        time datetime=(used.to_string()) title=(exact(used)) { (ago(used, now)) }
                        "."
                    }
                }
            }
        }
        a.quiet href=(remove_path(&passkey.id)) rel="external" {
            "Remove" span.visually-hidden { " " bdi { (passkey.name) } }
        }
    }
}

/// The page that adds one.
#[must_use]
pub fn add(frame: &Frame, has_password: bool) -> Markup {
    html! {
        h1 { "Add a passkey" }
        p { "Your device checks that it is you, and keeps the key. It never leaves the device." }
        (without_script())
        form.form method="post" action=(NEW_PASSKEY_PATH) data-passkey="add" hidden {
            (frame.input(&Input {
                name: "name",
                label: "Name",
                kind: "text",
                autocomplete: "off",
                hint: "What it is on, so that you know it again.",
                required: true,
            }))
            (frame.own_password("password", has_password))
            (buttons("Add a passkey"))
        }
        (back())
        (script())
    }
}

/// The page that removes one.
#[must_use]
pub fn remove(passkey: &MyPasskey, frame: &Frame, has_password: bool) -> Markup {
    html! {
        h1 { "Remove a passkey" }
        p { bdi { (passkey.name) } " will not log you in any more. Remove it from your device as well." }
        (frame.whole_error())
        form.form method="post" action=(remove_path(&passkey.id)) {
            (frame.own_password("password", has_password))
            button.button.danger { "Remove it" }
        }
        (back())
    }
}

/// What is read where there is no script, or no WebAuthn.
pub(in crate::written) fn without_script() -> Markup {
    html! { p.note data-passkey-missing { "Passkeys need a browser that knows them, with JavaScript." } }
}

/// What happens, and how to stop it.
pub(in crate::written) fn buttons(label: &str) -> Markup {
    html! {
        p.form-error role="alert" data-passkey-error hidden {}
        p.hint role="status" data-passkey-waiting hidden { "Waiting for your device …" }
        button.button.primary { (label) }
        button.button type="button" data-passkey-cancel hidden { "Cancel" }
    }
}

pub(in crate::written) fn script() -> Markup {
    html! { script type="module" src="/passkeys.js" {} }
}
