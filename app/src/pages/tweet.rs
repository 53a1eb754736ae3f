//! One tweet, at an address of its own.

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use leptos_router::{LazyRoute, lazy_route};
use maud::{Markup, html};
use siskin_domain::TweetId;

use super::data::{self as page, Data, Loading, Wanted, load, when_loaded};
use crate::backend::Trouble;
use crate::components::loading::trouble;
use crate::components::timeline::{Frame, timeline};
use crate::flux::feed::Page;
use crate::flux::session::Session;
use crate::flux::timeline::Feed;
use crate::head::{Head, describe};
use crate::plain::{Plain, PlainView, still};

/// The page at `/tweet/{id}`.
pub struct OneTweet(Loading);

#[lazy_route]
impl LazyRoute for OneTweet {
    fn data() -> Self {
        Self(load(|params, _| {
            let id = params.get_str("id").and_then(|id| id.parse().ok());
            id.map_or(Wanted::Nothing, Wanted::Tweet)
        }))
    }

    fn view(this: Self) -> AnyView {
        when_loaded(this.0, show)
    }
}

fn show(data: &Data, query: &ParamsMap) -> Plain {
    let Some(tweet) = data.tweets.0.first() else { return trouble(Trouble::NotFound) };
    let deleting = query.get_str("delete").is_some();
    let session = Session::here();
    let me = session.me();
    let name = tweet.name.clone();
    describe(Head {
        title: [name.as_str(), " on Siskin: “", &shortened(&tweet.body), "”"].concat(),
        description: tweet.body.clone(),
        path: format!("/tweet/{}", tweet.id),
        kind: "article",
        next: None,
    });
    let own = me.as_ref().is_some_and(|me| me.username == tweet.tweetedby);
    let may_delete = me.as_ref().is_some_and(|me| me.may_delete(&tweet.tweetedby));
    let top = html! {
        h1.page-title { "Tweet by " bdi { (name) } }
        @if deleting && may_delete { (confirmation(tweet.id)) }
    };
    let page = Page::begin(page::state(Feed::Only, me.as_deref(), &data.tweets, false));
    view! {
        {still(top)}
        <div class="single">
            {timeline(page, Frame {
                label: "Tweet".to_owned(),
                base: String::new(),
                endless: false,
                empty: "This tweet is gone.",
                end: "",
            })}
        </div>
        {still(html! {
            p.note {
                a href="/" { "To the timeline" }
                @if !own {
                    " · " a href={ "/report?tweet=" (tweet.id) } rel="external" { "Report" }
                }
            }
        })}
    }
    .plain()
}

/// Asks without JavaScript what the dialog asks with it.
fn confirmation(id: TweetId) -> Markup {
    html! {
        section.confirmation aria-labelledby="confirm-title" {
            h2 #confirm-title { "Delete this tweet?" }
            p { "It will be gone for everybody. This can't be undone." }
            form method="post" action={ "/tweet/" (id) "/delete" } {
                a.button href={ "/tweet/" (id) } { "Keep" } " "
                button.button.danger { "Delete" }
            }
        }
    }
}

/// The beginning of a body, on one line.
fn shortened(body: &str) -> String {
    let mut short: String = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = short.char_indices().nth(60) {
        short.truncate(end);
        short.push('…');
    }
    short
}
