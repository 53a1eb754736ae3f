//! A person and their tweets.

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use leptos_router::{
    LazyRoute, ParamSegment, PartialPathMatch, PathSegment, PossibleRouteMatch, lazy_route,
};
use maud::html;
use siskin_domain::{Username, wire::User};

use super::data::{self as page, Data, Loading, Wanted, load, when_loaded};
use crate::backend::Trouble;
use crate::components::loading::trouble;
use crate::components::timeline::{Frame, timeline};
use crate::components::{avatar::avatar, body::body};
use crate::flux::feed::Page;
use crate::flux::session::Session;
use crate::flux::timeline::Feed;
use crate::head::{Head, describe};
use crate::plain::{Plain, PlainView, still};
use crate::relative_time::month;

/// Matches `/@username`, and nothing else of one segment.
#[derive(Debug, Clone, Copy)]
pub struct AtName;

const HANDLE: ParamSegment = ParamSegment("handle");

impl PossibleRouteMatch for AtName {
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let segment = path.strip_prefix('/').unwrap_or(path);
        let is_handle = segment.starts_with('@') || segment.starts_with("%40");
        if is_handle { HANDLE.test(path) } else { None }
    }

    fn generate_path(&self, path: &mut Vec<PathSegment>) {
        HANDLE.generate_path(path);
    }
}

/// The page at `/@username`.
pub struct Person(Loading);

#[lazy_route]
impl LazyRoute for Person {
    fn data() -> Self {
        Self(load(|params, before| match username(params) {
            Some(username) => Wanted::Person(username, before),
            None => Wanted::Nothing,
        }))
    }

    fn view(this: Self) -> AnyView {
        when_loaded(this.0, show)
    }
}

fn username(params: &ParamsMap) -> Option<Username> {
    let handle = params.get_str("handle")?;
    let name = handle.strip_prefix('@').or_else(|| handle.strip_prefix("%40"))?;
    Username::parse(name).ok()
}

fn show(data: &Data, query: &ParamsMap) -> Plain {
    let Some(person) = &data.person else { return trouble(Trouble::NotFound) };
    let (tweets, before) = (&data.tweets, page::before(query));
    let session = Session::here();
    let me = session.me();
    let path = ["/@", &person.username].concat();
    describe(Head {
        title: format!("{} (@{})", person.name, person.username),
        description: if person.bio.is_empty() {
            ["Tweets by ", &person.name, " on Siskin."].concat()
        } else {
            person.bio.clone()
        },
        path: path.clone(),
        kind: "profile",
        next: page::next_path(tweets, &path),
    });
    let feed = Feed::Of(person.username.clone());
    let page = Page::begin(page::state(feed, me.as_deref(), tweets, before.is_none()));
    let mine = me.is_some_and(|me| me.username == person.username);
    view! {
        {introduction(person, mine, before.is_some())}
        {timeline(page, Frame {
            label: ["Tweets by ", &person.name].concat(),
            base: path,
            endless: true,
            empty: if before.is_some() { "There is nothing older." } else { "Nothing tweeted yet." },
            end: "That is all there is.",
        })}
    }
    .plain()
}

fn introduction(person: &User, mine: bool, before: bool) -> Plain {
    let at = ["@", &person.username].concat();
    let tweets = match person.tweets_count {
        1 => "1 tweet".to_owned(),
        n => format!("{n} tweets"),
    };
    still(html! {
        header.person {
            (avatar(&person.username, &person.name))
            div {
                h1 { bdi { (person.name) } }
                p.at { (at) }
            }
            @if !person.bio.is_empty() { p.bio dir="auto" { (body(&person.bio)) } }
            p.facts {
                span { "Here since " (month(person.created_at)) } " " span { (tweets) }
                @if !mine {
                    " " a href={ "/report?user=" (person.username) } rel="external" { "Report" }
                }
            }
            @if mine { p { a.button href="/profile" rel="external" { "Edit profile" } } }
            @if before { p.note { a href={ "/@" (person.username) } { "Back to the newest tweets" } } }
        }
    })
}
