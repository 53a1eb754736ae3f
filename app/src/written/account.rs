//! What is reached by links in mails, and what asks for them: a new password, and showing that an
//! address is one's own.

use maud::{Markup, html};

use super::{Frame, Input};

/// Where a new password is asked for.
pub const FORGOT_PATH: &str = "/account/forgot";
/// Where it is chosen.
pub const RESET_PATH: &str = "/account/reset";
/// Where an address is shown to be one's own.
pub const VERIFY_PATH: &str = "/account/verify";
/// Where one's own address is told of.
pub const ADDRESS_PATH: &str = "/settings/mail";
/// Where a new link for it is asked for.
pub const AGAIN_PATH: &str = "/settings/mail/verify";

/// A link that somebody came by.
pub struct CameBy {
    /// Its secret; empty if it had none.
    pub token: String,
    /// Would it work now?
    pub valid: bool,
}

/// The signed-in person's e-mail address.
pub struct MyAddress {
    /// The address.
    pub email: String,
    /// Was it shown to be theirs?
    pub verified: bool,
    /// Does this server send mail?
    pub mails: bool,
}

/// The page that asks for a link to a new password; `mails` if this server sends any.
#[must_use]
pub fn forgot(mails: bool, frame: &Frame) -> Markup {
    html! {
        h1 { "Forgot your password?" }
        (frame.whole_error())
        @if mails {
            p { "We mail you a link. It works once, within an hour." }
            p.hint { "For three days after an address was changed, none is mailed to the new one." }
            form.form method="post" action=(FORGOT_PATH) {
                (frame.input(&Input {
                    name: "email",
                    label: "E-mail address of your account",
                    kind: "email",
                    autocomplete: "email",
                    required: true,
                    ..Input::default()
                }))
                button.button.primary { "Send the link" }
            }
        } @else {
            p.note {
                "This server sends no mail. Ask whoever runs it: they can give you a link with \
                 which you choose a new password."
            }
        }
        p.aside { a href="/login" rel="external" { "Back to log in" } }
    }
}

/// The page on which a new password is chosen.
#[must_use]
pub fn reset(came_by: &CameBy, frame: &Frame) -> Markup {
    html! {
        h1 { "Choose a new password" }
        (frame.whole_error())
        @if came_by.valid {
            form.form method="post" action=(RESET_PATH) {
                input type="hidden" name="token" value=(came_by.token);
                (frame.input(&Input {
                    name: "password",
                    label: "New password",
                    kind: "password",
                    autocomplete: "new-password",
                    hint: "At least 8 characters. All your sessions and tokens end.",
                    required: true,
                }))
                button.button.primary { "Change the password" }
            }
        } @else {
            (used_up())
            p { a.button href=(FORGOT_PATH) rel="external" { "Get a new link" } }
        }
    }
}

/// The page on which an address is shown to be one's own. A mail server that looks at links opens
/// it, too; only a person presses its button.
#[must_use]
pub fn verify(came_by: &CameBy, frame: &Frame) -> Markup {
    html! {
        h1 { "Is this address yours?" }
        (frame.whole_error())
        @if came_by.valid {
            p { "You came here by a link that was mailed to it." }
            form.form method="post" action=(VERIFY_PATH) {
                input type="hidden" name="token" value=(came_by.token);
                button.button.primary { "Yes, it is mine" }
            }
        } @else {
            (used_up())
            p { a.button href=(ADDRESS_PATH) rel="external" { "To your e-mail address" } }
        }
    }
}

fn used_up() -> Markup {
    html! { p.note { "This link was used, has expired or was replaced by a newer one." } }
}

/// The page of one's own address.
#[must_use]
pub fn address(mine: &MyAddress, frame: &Frame) -> Markup {
    html! {
        h1 { "E-mail address" }
        (frame.whole_error())
        p { strong { bdi { (mine.email) } } }
        @if mine.verified {
            p { "It is verified: you have shown that it is yours." }
        } @else {
            p { "It is not verified: nobody has shown yet that it is yours." }
            @if mine.mails {
                form.form method="post" action=(AGAIN_PATH) {
                    button.button.primary { "Mail me a link" }
                }
            } @else {
                p.note { "This server sends no mail, so there is nothing to do." }
            }
        }
        p.aside { a href="/profile" rel="external" { "Back to your profile" } }
    }
}
