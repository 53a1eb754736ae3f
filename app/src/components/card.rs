//! One tweet.

use std::sync::Arc;

use leptos::prelude::*;
use siskin_domain::{Timestamp, wire::Tweet};

use super::{avatar::avatar, body::body};
use crate::context::Me;
use crate::flux::session::Session;
use crate::flux::timeline::Row;
use crate::relative_time::{ago, exact};

/// Who looks at the tweets, and when.
#[derive(Clone)]
pub struct Viewer {
    me: Option<Arc<Me>>,
    now: Memo<Timestamp>,
}

impl Viewer {
    /// The viewer of this page.
    pub fn of(session: &Session) -> Self {
        Self { me: session.me(), now: session.now() }
    }

    fn may_delete(&self, tweet: &Tweet) -> bool {
        self.me.as_ref().is_some_and(|me| me.moderates || me.username == tweet.tweetedby)
    }
}

/// A tweet's card: plain HTML but for the time, which stays fresh.
pub fn card(row: &Row, viewer: &Viewer) -> AnyView {
    let tweet = &row.tweet;
    let id = tweet.id.get();
    let person = ["/@", &tweet.tweetedby].concat();
    let at = ["@", &tweet.tweetedby].concat();
    view! {
        <article
            class="tweet"
            data-id=if row.pending { String::new() } else { id.to_string() }
            data-pending=row.pending
        >
            {avatar(&tweet.tweetedby, &tweet.name)}
            <div class="tweet-head">
                <a class="who" href=person>
                    <bdi class="name">{tweet.name.clone()}</bdi>
                    " "
                    <span class="at">{at}</span>
                </a>
                " "
                {when(row, viewer)}
            </div>
            <p class="tweet-body" dir="auto">{body(&tweet.body)}</p>
            {(!row.pending && viewer.may_delete(tweet)).then(|| delete_button(id))}
        </article>
    }
    .into_any()
}

fn when(row: &Row, viewer: &Viewer) -> AnyView {
    if row.pending {
        return view! { <span class="when">"Sending…"</span> }.into_any();
    }
    let (at, now) = (row.tweet.timestamp, viewer.now);
    let href = format!("/tweet/{}", row.tweet.id);
    view! {
        <a class="when" href=href>
            <time datetime=at.to_string() title=exact(at)>{move || ago(at, now.get())}</time>
        </a>
    }
    .into_any()
}

/// Without JavaScript, the tweet's own page asks whether one is sure; with it, a dialog does: the
/// timeline listens for this form's submission.
fn delete_button(id: u64) -> impl IntoView {
    view! {
        <form class="tweet-actions" method="get" action=format!("/tweet/{id}") data-delete=id>
            <button class="quiet" name="delete" value="yes" aria-label="Delete tweet">"Delete"</button>
        </form>
    }
}
