//! What pages with tweets have in common: what they want, how it comes, and their store.
//!
//! One resource type serves all of them: each type of resource is kilobytes of download.

use std::sync::Arc;

use futures::future::join;
use leptos::prelude::*;
use leptos::server::codee::string::FromToStringCodec;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use serde::{Serialize, Serializer};
use siskin_domain::wire::{Tweet, User};
use siskin_domain::{TweetId, Username};

use crate::backend::{Answer, Backend, BackendHandle, PAGE_SIZE, Trouble, Window};
use crate::components::loading::{loading, trouble};
use crate::context::Me;
use crate::flux::timeline::{Feed, State as Timeline};
use crate::flux::{composer, feed};
use crate::head::arrive;
use crate::json::{Carried, FromJson, Json, object};
use crate::plain::Plain;

/// What a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everybody's tweets, older than an id.
    Timeline(Option<TweetId>),
    /// A person with their tweets, older than an id.
    Person(Username, Option<TweetId>),
    /// One tweet.
    Tweet(TweetId),
    /// What can't be there.
    Nothing,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Data {
    /// Whose page it is, if it is somebody's.
    pub(super) person: Option<User>,
    /// The tweets, newest first.
    pub(super) tweets: Tweets,
}

/// Tweets, shared on the server, where many requests show the same ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tweets(pub(super) Arc<Vec<Tweet>>);

impl Serialize for Tweets {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.as_slice().serialize(to)
    }
}
impl FromJson for Tweets {
    fn from_json(json: &Json) -> Option<Self> {
        Vec::from_json(json).map(|tweets| Self(Arc::new(tweets)))
    }
}
object!(Data { person, tweets });

/// A page's data, on its way.
pub(super) type Loading = Resource<Carried<Result<Data, Trouble>>, FromToStringCodec>;

/// Starts to load what the address wants: its parameters, and its `before`, by which lists are
/// turned without JavaScript.
pub(super) fn load(wanted: fn(&ParamsMap, Option<TweetId>) -> Wanted) -> Loading {
    let (params, query) = (use_params_map(), use_query_map());
    let backend: BackendHandle = expect_context();
    Resource::new_str(
        // A hashtag filters what came, and what came is too old when one presses it.
        move || {
            let query = query.read();
            (wanted(&params.read(), before(&query)), query.get("tag"))
        },
        move |(wanted, _)| {
            let answer = fetch(backend.0.as_ref(), wanted);
            async move { Carried(answer.await) }
        },
    )
}

/// The `before` of an address.
pub(super) fn before(query: &ParamsMap) -> Option<TweetId> {
    query.get_str("before").and_then(|id| id.parse().ok())
}

fn fetch(backend: &dyn Backend, wanted: Wanted) -> Answer<Data> {
    let window = |before| Window { before, after: None };
    match wanted {
        Wanted::Timeline(before) => {
            let tweets = backend.timeline(window(before));
            Box::pin(async move { Ok(Data { person: None, tweets: Tweets(tweets.await?) }) })
        }
        Wanted::Person(username, before) => {
            let tweets = backend.tweets_of(username.clone(), window(before));
            let both = join(backend.person(username), tweets);
            Box::pin(async move {
                let (person, tweets) = both.await;
                Ok(Data { person: Some(person?), tweets: Tweets(tweets?) })
            })
        }
        Wanted::Tweet(id) => {
            let tweet = backend.tweet(id);
            Box::pin(async move {
                Ok(Data { person: None, tweets: Tweets(Arc::new(vec![tweet.await?])) })
            })
        }
        Wanted::Nothing => Box::pin(async { Err(Trouble::NotFound) }),
    }
}

/// A page that shows its data when it has come, anew when the address's query changes.
pub(super) fn when_loaded(data: Loading, show: fn(&Data, &ParamsMap) -> Plain) -> AnyView {
    let query = use_query_map();
    view! {
        <Suspense fallback=loading>
            {move || {
                let query = query.get();
                Suspend::new(async move {
                    let data = data.await.0;
                    arrive();
                    match data {
                        Ok(data) => show(&data, &query),
                        Err(reason) => trouble(reason),
                    }
                })
            }}
        </Suspense>
    }
    .into_any()
}

/// The state of a page with a timeline, and without a composer.
pub(super) fn state(feed: Feed, me: Option<&Me>, tweets: &Tweets, newest: bool) -> feed::State {
    let composer = composer::State::new(0, None);
    feed::State { timeline: timeline(feed, me, tweets, newest), composer }
}

/// The state of a timeline.
pub(super) fn timeline(feed: Feed, me: Option<&Me>, tweets: &Tweets, newest: bool) -> Timeline {
    let end = tweets.0.len() < usize::from(PAGE_SIZE);
    let mine = me.map(|me| me.username.clone());
    let mut timeline = Timeline::new(feed, mine, tweets.0.as_ref().clone(), end);
    timeline.newest = newest;
    timeline
}

/// The path of the page of older tweets, if there is one.
pub(super) fn next_path(tweets: &Tweets, base: &str) -> Option<String> {
    let full = tweets.0.len() >= usize::from(PAGE_SIZE);
    let last = tweets.0.last().filter(|_| full)?;
    Some(crate::components::older::older_path(base, last.id.get()))
}
