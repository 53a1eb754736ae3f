//! Pages that the server alone writes: plain forms, which the browser leaves as they came. None of
//! them costs the browser anything: they share this one route, and what they show is not sent twice.

use leptos::prelude::*;
use leptos_router::{
    LazyRoute, ParamSegment, PartialPathMatch, PathSegment, PossibleRouteMatch, WildcardSegment,
    lazy_route,
};
use maud::{Markup, html};

use crate::flux::session::Session;
use crate::plain::{PlainView, still};

/// The first segments of the addresses of such pages.
pub const FIRST_SEGMENTS: [&str; 6] =
    ["settings", "account", "moderation", "admin", "report", "log-in"];

/// Matches every address that begins with one of [`FIRST_SEGMENTS`].
#[derive(Debug, Clone, Copy)]
pub struct WrittenPath;

const REST: WildcardSegment = WildcardSegment("rest");

impl PossibleRouteMatch for WrittenPath {
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        if FIRST_SEGMENTS.contains(&first) { REST.test(path) } else { None }
    }

    fn generate_path(&self, path: &mut Vec<PathSegment>) {
        // One segment, as whoever collects addresses has the server's own list for the others.
        ParamSegment("written").generate_path(path);
    }
}

/// A page that the server alone writes.
pub struct Written;

#[lazy_route]
impl LazyRoute for Written {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        crate::head::keep();
        let content = if Session::here().has_moved() {
            // The person came here without asking the server, which alone knows what to show.
            crate::browser::effect(|| drop(location().reload()));
            html! { p.note { "Loading …" } }
        } else {
            content()
        };
        view! { <section class="plain written">{still(content)}</section> }.plain().into_any()
    }
}

#[cfg(feature = "ssr")]
fn content() -> Markup {
    crate::written::content()
}

/// What the server has written is there already.
#[cfg(not(feature = "ssr"))]
fn content() -> Markup {
    html! {}
}
