//! One tweet, at an address of its own.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};
use siskin_domain::{TweetId, wire::Tweet};

use super::feed::{self as page, Tweets};
use crate::backend::Trouble;
use crate::components::loading::{loading, trouble};
use crate::components::timeline::{Frame, timeline};
use crate::flux::feed::Page;
use crate::flux::session::Session;
use crate::flux::timeline::Feed;
use crate::head::{Head, arrive, describe};
use crate::plain::PlainView;

/// The page at `/tweet/{id}`.
pub struct OneTweet {
    tweet: Resource<Result<Tweet, Trouble>>,
}

#[lazy_route]
impl LazyRoute for OneTweet {
    fn data() -> Self {
        let params = use_params_map();
        let backend = page::backend();
        let tweet = Resource::new(
            move || params.with(|params| params.get("id").and_then(|id| id.parse().ok())),
            move |id: Option<TweetId>| {
                let answer = id.map(|id| backend.0.tweet(id));
                async move {
                    match answer {
                        Some(answer) => answer.await,
                        None => Err(Trouble::NotFound),
                    }
                }
            },
        );
        Self { tweet }
    }

    fn view(this: Self) -> AnyView {
        let tweet = this.tweet;
        let query = use_query_map();
        let deleting = Memo::new(move |_| query.with(|query| query.get("delete").is_some()));
        arrive();
        view! {
            <Suspense fallback=loading>
                {move || {
                    let deleting = deleting.get();
                    Suspend::new(async move {
                        match tweet.await {
                            Ok(tweet) => show(tweet, deleting),
                            Err(reason) => trouble(reason),
                        }
                    })
                }}
            </Suspense>
        }
        .into_any()
    }
}

fn show(tweet: Tweet, deleting: bool) -> AnyView {
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
    let mine = me.as_ref().is_some_and(|me| me.moderates || me.username == tweet.tweetedby);
    let ask = (deleting && mine).then(|| confirmation(tweet.id));
    let tweets = Tweets(Arc::new(vec![tweet]));
    let page = Page::begin(page::state(Feed::Only, me.as_deref(), &tweets, false));
    view! {
        <h1 class="page-title">"Tweet by " <bdi>{name}</bdi></h1>
        {ask}
        <div class="single">
            {timeline(page, Frame {
                label: "Tweet".to_owned(),
                base: String::new(),
                endless: false,
                empty: "This tweet is gone.",
                end: "",
            })}
        </div>
        <p class="note"><a href="/">"To the timeline"</a></p>
    }
    .plain()
}

/// Asks without JavaScript what the dialog asks with it.
fn confirmation(id: TweetId) -> impl IntoView {
    view! {
        <section class="confirmation" aria-labelledby="confirm-title">
            <h2 id="confirm-title">"Delete this tweet?"</h2>
            <p>"It will be gone for everybody. This can't be undone."</p>
            <form method="post" action=format!("/tweet/{id}/delete")>
                <a class="button" href=format!("/tweet/{id}")>"Keep"</a>
                " "
                <button class="button danger">"Delete"</button>
            </form>
        </section>
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
