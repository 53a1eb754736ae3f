//! One's own sessions and API tokens. All of it is plain forms, so the server alone writes the page
//! and the browser leaves it as it came: neither the list nor a new token's secret is sent twice.

#[cfg(feature = "ssr")]
mod written;

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use maud::html;

use crate::flux::session::Session;
use crate::head::{Head, arrive, describe};
use crate::plain::{Plain, PlainView, still};

/// Where the page is.
pub const PATH: &str = "/settings/sessions";
/// Where the form for a new token is sent to.
pub const TOKENS_PATH: &str = "/settings/tokens";

/// The page at [`PATH`].
pub struct Sessions;

#[lazy_route]
impl LazyRoute for Sessions {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        describe(Head {
            title: "Sessions and tokens".to_owned(),
            description: "Where you are logged in, and your API tokens.".to_owned(),
            kind: "website",
            ..Head::default()
        });
        arrive();
        show().into_any()
    }
}

fn show() -> Plain {
    let content = if Session::here().has_moved() {
        // The person came here without asking the server, which alone knows the rest.
        html! {
            h1 { "Sessions and tokens" }
            p { a.button href=(PATH) rel="external" { "Open the list" } }
        }
    } else {
        content()
    };
    view! { <section class="plain sessions">{still(content)}</section> }.plain()
}

#[cfg(feature = "ssr")]
fn content() -> maud::Markup {
    written::content()
}

/// What the server has written is there already.
#[cfg(not(feature = "ssr"))]
fn content() -> maud::Markup {
    html! {}
}
