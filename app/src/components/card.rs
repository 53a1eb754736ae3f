//! One tweet: HTML that never changes, since there are many on a page. Its time is told anew, and
//! its delete button heard, by the timeline around it.

#[cfg(feature = "ssr")]
mod kept;

use std::sync::Arc;

use leptos::prelude::*;
use maud::{Markup, html};
use siskin_domain::{Timestamp, wire::Tweet};

use super::{avatar::avatar, body::body};
use crate::context::Me;
use crate::flux::session::Session;
use crate::flux::timeline::Row;
use crate::plain::{Plain, PlainView};
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
        self.me.as_ref().is_some_and(|me| me.may_delete(&tweet.tweetedby))
    }
}

/// A tweet's card.
pub fn card(row: &Row, viewer: &Viewer) -> Plain {
    let may_delete = !row.pending && viewer.may_delete(&row.tweet);
    let html = written(row, may_delete, viewer.now.get_untracked());
    let id = if row.pending { String::new() } else { row.tweet.id.to_string() };
    view! { <article class="tweet" data-id=id data-pending=row.pending inner_html=html></article> }
        .plain()
}

#[cfg(feature = "ssr")]
fn written(row: &Row, may_delete: bool, now: Timestamp) -> String {
    let write = || content(row, may_delete, now).into_string();
    if row.pending {
        return write();
    }
    kept::card(&row.tweet, may_delete, ago(row.tweet.timestamp, now), write)
}

#[cfg(not(feature = "ssr"))]
fn written(row: &Row, may_delete: bool, now: Timestamp) -> String {
    content(row, may_delete, now).into_string()
}

fn content(row: &Row, may_delete: bool, now: Timestamp) -> Markup {
    let tweet = row.tweet.as_ref();
    html! {
        (avatar(&tweet.tweetedby, &tweet.name))
        div.tweet-head {
            a href={ "/@" (tweet.tweetedby) } {
                bdi.name { (tweet.name) } " " span.at { "@" (tweet.tweetedby) }
            }
            " "
            @if row.pending {
                span.when { "Sending…" }
            } @else {
                a.when href={ "/tweet/" (tweet.id) } {
                    time datetime=(tweet.timestamp) title=(exact(tweet.timestamp)) {
                        (ago(tweet.timestamp, now))
                    }
                }
            }
        }
        p.tweet-body dir="auto" { (body(&tweet.body)) }
        // Without JavaScript, the tweet's own page asks whether one is sure; with it, a dialog.
        @if may_delete {
            form.tweet-actions method="get" action={ "/tweet/" (tweet.id) } data-delete=(tweet.id) {
                button.quiet name="delete" value="yes" aria-label="Delete tweet" { "Delete" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use siskin_domain::TweetId;

    fn row(name: &str, pending: bool) -> Row {
        let tweet = Tweet {
            id: TweetId::new(7).unwrap(),
            tweetedby: "ana".to_owned(),
            name: name.to_owned(),
            body: "hi".to_owned(),
            timestamp: Timestamp::from_unix_ms(0),
        };
        Row { attempt: pending.then_some(1), tweet: Arc::new(tweet), pending }
    }

    fn html(row: &Row, may_delete: bool) -> String {
        content(row, may_delete, Timestamp::from_unix_ms(180_000)).into_string()
    }

    #[test]
    fn a_card_has_its_links_and_its_time() {
        let html = html(&row("Ana", false), false);
        assert!(html.contains("href=\"/@ana\""), "{html}");
        assert!(html.contains("href=\"/tweet/7\""), "{html}");
        assert!(html.contains("datetime=\"1970-01-01T00:00:00.000Z\""), "{html}");
        assert!(html.contains(">3 minutes ago</time>"), "{html}");
        assert!(!html.contains("<form"), "{html}");
    }

    #[test]
    fn names_are_text() {
        let html = html(&row("<img src=x onerror=alert(1)>", false), false);
        assert!(!html.contains("<img"), "{html}");
    }

    #[test]
    fn only_who_may_delete_is_offered_it() {
        assert!(html(&row("Ana", false), true).contains("aria-label=\"Delete tweet\""));
    }

    #[test]
    fn a_pending_card_leads_nowhere_yet() {
        let html = html(&row("Ana", true), false);
        assert!(html.contains("Sending…") && !html.contains("/tweet/"), "{html}");
    }
}
