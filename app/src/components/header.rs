//! The header of every page: the bird, where one can go, who one is.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use maud::{Markup, html};

use super::theme_switch::theme_switch;
use crate::context::Me;
use crate::flux::session::Session;
use crate::plain::{Plain, PlainView, value_if};

/// The header.
pub fn header(session: &Session) -> Plain {
    let here = use_location().pathname;
    let links = match session.me() {
        Some(me) => for_member(&me, here),
        None => for_visitor(here),
    };
    view! {
        <header class="site">
            <a class="wordmark" href="/" aria-current=current(here, "/") inner_html=bird().into_string()></a>
            <nav aria-label="Main">{links}</nav>
            {theme_switch(session)}
        </header>
    }
    .plain()
}

fn for_member(me: &Me, here: Memo<String>) -> Plain {
    let mine = ["/@", &me.username].concat();
    // Loaded as a whole: only then does the server send what the form shows.
    view! {
        <a class="me" href=mine.clone() aria-current=current(here, mine)>
            <bdi>{me.name.clone()}</bdi>
        </a>
        <a href="/profile" rel="external" aria-current=current(here, "/profile")>"Profile"</a>
        <form method="post" action="/logout">
            <button class="link">"Log out"</button>
        </form>
    }
    .plain()
}

fn for_visitor(here: Memo<String>) -> Plain {
    // Loaded as a whole: the server alone knows who may sign up, and may have a page of its own.
    view! {
        <a href="/login" aria-current=current(here, "/login")>"Log in"</a>
        <a class="button" href="/signup" rel="external" aria-current=current(here, "/signup")>"Sign up"</a>
    }
    .plain()
}

fn current(
    here: Memo<String>,
    path: impl Into<String>,
) -> Box<dyn FnMut() -> Option<&'static str> + Send> {
    let path = path.into();
    value_if("page", move || here.with(|here| *here == path))
}

/// A siskin on its twig.
fn bird() -> Markup {
    html! {
        svg.bird viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false" {
            path.bird-body d="M5 14c0-5 4-9 9-9 4 0 7 2 8.500 5.500L28 12l-5 2.500C22.500 21 18 25 12.500 25 8 25 5 20 5 14Z" {}
            path.bird-wing d="M8 15c3-2.500 8-2.500 11 0-1 5-4.500 7.500-9 7-1.500-2-2.200-4.500-2-7Z" {}
            path.bird-cap d="M10 6c3-2 8-1 10.500 2.500-3-.5-7-.5-10.500 1Z" {}
            circle.bird-eye cx="18.500" cy="11" r="1.200" {}
            path.bird-twig d="M3 28h26M11 25v3M15 25v3" {}
        }
        span { "Siskin" }
    }
}
