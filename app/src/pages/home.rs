//! Home: the composer, and everybody's tweets.

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use leptos_router::{LazyRoute, lazy_route};
use maud::{Markup, html};

use super::data::{self as page, Data, Loading, Wanted, load, when_loaded};
use crate::components::avatar::avatar;
use crate::components::body::tag_path;
use crate::components::composer::composer;
use crate::components::timeline::{Frame, timeline};
use crate::context::{Me, SentForm};
use crate::flux::feed::Page;
use crate::flux::session::Session;
use crate::flux::timeline::Feed;
use crate::head::{Head, describe};
use crate::plain::{Plain, PlainView, still};

/// The page at `/`.
pub struct Home(Loading);

#[lazy_route]
impl LazyRoute for Home {
    fn data() -> Self {
        Self(load(|_, before| Wanted::Timeline(before)))
    }

    fn view(this: Self) -> AnyView {
        when_loaded(this.0, show)
    }
}

fn show(data: &Data, query: &ParamsMap) -> Plain {
    let (tweets, before) = (&data.tweets, page::before(query));
    let tag = query.get("tag").filter(|tag| !tag.is_empty());
    let session = Session::here();
    let me = session.me();
    let base = tag.as_ref().map_or_else(|| "/".to_owned(), |tag| tag_path(tag));
    describe(Head {
        title: tag.as_ref().map(|tag| ["#", tag].concat()).unwrap_or_default(),
        description: "What people are tweeting on Siskin.".to_owned(),
        path: "/".to_owned(),
        kind: "website",
        next: page::next_path(tweets, &base),
    });
    let mut everyone = page::timeline(Feed::Everyone, me.as_deref(), tweets, before.is_none());
    everyone.tag.clone_from(&tag);
    let page = session.home().showing(everyone);
    let top = match &me {
        Some(me) => for_member(me, page, session.refused_form().as_ref()),
        None => invitation(),
    };
    let endless = tag.is_none();
    let notes = html! {
        @if let Some(tag) = &tag { (tag_note(tag)) }
        @if before.is_some() { p.note { a href="/" { "Back to the newest tweets" } } }
    };
    view! {
        {top}
        {still(notes)}
        {timeline(page, Frame {
            label: "Timeline".to_owned(),
            base,
            endless,
            empty: match (before, &tag) {
                (Some(_), None) => "There is nothing older.",
                (Some(_), Some(_)) => "Nothing older has it.",
                (None, Some(_)) => "No tweet here has it.",
                (None, None) => "Nothing here yet. The first word is the hardest; maybe it is yours.",
            },
            end: "That is all there is.",
        })}
    }
    .plain()
}

fn for_member(me: &Me, page: Page, sent: Option<&SentForm>) -> Plain {
    let typed = sent.and_then(|sent| sent.values.iter().find(|(name, _)| name == "body"));
    let typed = typed.map_or("", |(_, body)| body.as_str());
    let top = html! {
        h1.visually-hidden { "Home" }
        @if me.suspended {
            p.note { "Your account is suspended: you can read, but not tweet. Why is said below." }
        }
    };
    // Words that were sent when it happened are not lost.
    if me.suspended && typed.is_empty() {
        return view! { {still(top)} {still(without_script(me, sent))} }.plain();
    }
    view! {
        {still(top)}
        {still(without_script(me, sent))}
        <div class="composing">
            {still(avatar(&me.username, &me.name))}
            {composer(page, typed)}
        </div>
    }
    .plain()
}

/// What matters where forms are sent without the app: why one was refused, and whose tweet the
/// composer's is to be.
#[cfg(feature = "ssr")]
fn without_script(me: &Me, sent: Option<&SentForm>) -> Markup {
    html! {
        @for error in sent.iter().flat_map(|sent| &sent.errors) {
            p.form-error role="alert" { (error.message) }
        }
        input type="hidden" name="username" value=(me.username) form="composer";
    }
}

/// What the server has written is there already.
#[cfg(not(feature = "ssr"))]
fn without_script(_: &Me, _: Option<&SentForm>) -> Markup {
    html! {}
}

fn invitation() -> Plain {
    still(html! {
        section.invitation {
            h1 { "Say it in a few words." }
            p { "Siskin is a small, calm place for short thoughts. Read along, or join in." }
            p.invitation-links {
                a.button.primary href="/signup" rel="external" { "Join Siskin" } " "
                a href="/login" { "I have an account" }
            }
        }
    })
}

fn tag_note(tag: &str) -> Markup {
    html! {
        p.note {
            "Showing tweets with " strong { bdi { "#" (tag) } } " on this page · "
            a href="/" { "show all" }
        }
    }
}
