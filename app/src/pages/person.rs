//! A person and their tweets.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use leptos_router::{
    LazyRoute, ParamSegment, PartialPathMatch, PathSegment, PossibleRouteMatch, lazy_route,
};
use siskin_domain::{TweetId, Username, wire::User};

use super::feed::{self as page, Tweets};
use crate::backend::Trouble;
use crate::components::loading::{loading, trouble};
use crate::components::timeline::{Frame, timeline};
use crate::components::{avatar::avatar, body::body};
use crate::flux::feed::Page;
use crate::flux::session::Session;
use crate::flux::timeline::Feed;
use crate::head::{Head, arrive, describe};
use crate::plain::PlainView;
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
pub struct Person {
    person: Resource<Result<User, Trouble>>,
    tweets: Resource<Result<Tweets, Trouble>>,
    before: Memo<Option<TweetId>>,
}

#[lazy_route]
impl LazyRoute for Person {
    fn data() -> Self {
        let params = use_params_map();
        let before = page::before();
        let username = Memo::new(move |_| {
            params.with(|params| {
                let handle = params.get("handle")?;
                let name = handle.strip_prefix('@').or_else(|| handle.strip_prefix("%40"))?;
                Username::parse(name).ok()
            })
        });
        let backend = page::backend();
        let person = Resource::new(
            move || username.get(),
            move |username| {
                let answer = username.map(|username| backend.0.person(username));
                async move {
                    match answer {
                        Some(answer) => answer.await,
                        None => Err(Trouble::NotFound),
                    }
                }
            },
        );
        let backend = page::backend();
        let tweets = Resource::new(
            move || (username.get(), before.get()),
            move |(username, before)| {
                let window = page::window_below(before);
                let answer = username.map(|username| backend.0.tweets_of(username, window));
                async move {
                    match answer {
                        Some(answer) => answer.await.map(Tweets),
                        None => Err(Trouble::NotFound),
                    }
                }
            },
        );
        Self { person, tweets, before }
    }

    fn view(this: Self) -> AnyView {
        let Person { person, tweets, before } = this;
        arrive();
        view! {
            <Suspense fallback=loading>
                {move || {
                    let before = before.get();
                    Suspend::new(async move {
                        match (person.await, tweets.await) {
                            (Ok(person), Ok(tweets)) => show(&person, &tweets, before),
                            (Err(reason), _) | (_, Err(reason)) => trouble(reason),
                        }
                    })
                }}
            </Suspense>
        }
        .into_any()
    }
}

fn show(person: &User, tweets: &Tweets, before: Option<TweetId>) -> AnyView {
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
        {introduction(person, mine)}
        {before.map(|_| view! { <p class="note"><a href=path.clone()>"Back to the newest tweets"</a></p> })}
        {timeline(page, Frame {
            label: ["Tweets by ", &person.name].concat(),
            base: path,
            endless: true,
            empty: "Nothing tweeted yet.",
            end: "That is all there is.",
        })}
    }
    .plain()
}

fn introduction(person: &User, mine: bool) -> AnyView {
    let at = ["@", &person.username].concat();
    let tweets = match person.tweets_count {
        1 => "1 tweet".to_owned(),
        n => format!("{n} tweets"),
    };
    view! {
        <header class="person">
            <div inner_html=avatar(&person.username, &person.name).into_string()></div>
            <div>
                <h1><bdi>{person.name.clone()}</bdi></h1>
                <p class="at">{at}</p>
            </div>
            {(!person.bio.is_empty()).then(|| view! { <p class="bio" dir="auto" inner_html=body(&person.bio).into_string()></p> })}
            <p class="facts">
                <span>"Here since " {month(person.created_at)}</span>
                " · "
                <span>{tweets}</span>
            </p>
            {mine.then(|| view! { <p><a class="button" href="/profile" rel="external">"Edit profile"</a></p> })}
        </header>
    }
    .plain()
}
