//! Deleting one's own account: what goes, and the form that asks twice.

use maud::{Markup, html};

use super::{Frame, Input, own_data};

/// Where the page is, and where its form is sent to.
pub const PATH: &str = "/settings/account/delete";

/// The page. Somebody who signs in without a password is not asked for one.
#[must_use]
pub fn content(username: &str, has_password: bool, frame: &Frame) -> Markup {
    html! {
        h1 { "Delete your account" }
        (frame.whole_error())
        p {
            strong { "This can't be undone." }
            " Your profile, all your tweets, your sessions and tokens and everything else that is \
             yours are erased for good, for you and for everybody. Your username is free for others."
        }
        p { a href=(own_data::PATH) rel="external" { "Download your data first" } }
        form.form method="post" action=(PATH) {
            (frame.input(&Input {
                name: "username",
                label: "Your username",
                kind: "text",
                autocomplete: "off",
                hint: &format!("Type “{username}”, so that it is no mistake."),
                required: true,
            }))
            (frame.own_password("current_password", has_password))
            button.button.danger { "Delete my account for good" }
        }
        p.aside { a href=(own_data::PATH) rel="external" { "Keep it" } }
    }
}
