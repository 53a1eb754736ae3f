//! Pages that the server alone writes, one file per page: what it shows is a plain struct, how it
//! looks is a function from that and a [`Frame`] to markup. Only the server compiles them.
//!
//! Their route and their addresses' first segments are in [`pages::written`](crate::pages::written).

pub mod account;
pub mod delete_account;
pub mod elsewhere;
pub mod finish;
pub mod identities;
pub mod invitations;
pub mod log_in;
pub mod moderation;
pub mod notice;
pub mod onward;
pub mod own_data;
pub mod report;
pub mod security;
pub mod sessions;
pub mod sign_up;
pub mod status;

mod frame;

use leptos::prelude::*;
use maud::html;

use crate::head::{Head, describe, status};
use crate::plain::{Plain, PlainView, still};

pub use frame::{Frame, Input};
pub use maud::Markup;

/// A page, ready to be put into the frame that all pages have. The server provides it as a Leptos
/// context.
#[derive(Debug, Clone)]
pub struct Written {
    /// Where the page is: what the browser's address bar shows, also after a refused form.
    pub path: String,
    /// What it is, without the site's name.
    pub title: String,
    /// What is on it, its heading included.
    pub content: Markup,
}

/// The page that the server was asked for, or that there is none.
pub(crate) fn content() -> Markup {
    let Some(written) = use_context::<Written>() else {
        status(404);
        describe(titled("Not found"));
        return html! {
            h1 { "Not found" }
            p { "There is no such page. " a href="/" { "To the newest tweets" } }
        };
    };
    describe(titled(&written.title));
    written.content
}

/// The page that the server has written in the place of one of the app's, if it has. Such a page
/// comes without the app.
pub(crate) fn instead() -> Option<Plain> {
    use_context::<Written>()?;
    Some(view! { <section class="plain written">{still(content())}</section> }.plain())
}

fn titled(title: &str) -> Head {
    Head { title: title.to_owned(), kind: "website", ..Head::default() }
}
