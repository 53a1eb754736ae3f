//! One's own data: the download, and where the account is deleted.

use maud::{Markup, html};

use super::Frame;
use crate::written::delete_account;

/// Where the page is, and where its form is sent to.
pub const PATH: &str = "/settings/data";

/// The page.
#[must_use]
pub fn content(frame: &Frame) -> Markup {
    html! {
        h1 { "Your data" }
        (frame.whole_error())
        h2 { "Download everything" }
        p {
            "A zip file with your profile, your tweets (and why one is hidden), what you have reported, \
             your sessions and tokens, what you log in with, and what happened to your account and \
             why: as a page to read, and as data for programs. It has no passwords and no other \
             secrets in it, and nobody's name who has reported you or acted as a moderator."
        }
        form method="post" action=(PATH) {
            button.button.primary { "Download my data" }
        }
        h2 { "Delete the account" }
        p { a href=(delete_account::PATH) rel="external" { "Delete your account and everything in it" } }
        p.aside { a href="/profile" rel="external" { "Back to your profile" } }
    }
}
