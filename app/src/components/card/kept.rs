//! Cards as they were last written on the server: most pages show the same tweets as the one before
//! them, and a card is the dearest thing on a page.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use siskin_domain::{TweetId, wire::Tweet};

/// So many are kept by each thread, about a kilobyte each; then all are dropped.
const MOST: usize = 256;

struct Card {
    tweet: Arc<Tweet>,
    ago: String,
    html: String,
}

thread_local! {
    static CARDS: RefCell<HashMap<(TweetId, bool), Card>> = RefCell::default();
}

/// The card of a tweet, `ago` included, from the last time or as it is written now.
pub(super) fn card(
    tweet: &Arc<Tweet>,
    may_delete: bool,
    ago: String,
    write: impl FnOnce() -> String,
) -> String {
    let key = (tweet.id, may_delete);
    let is_same = |card: &&Card| card.tweet == *tweet && card.ago == ago;
    let kept = CARDS.with_borrow(|cards| cards.get(&key).filter(is_same).map(|c| c.html.clone()));
    kept.unwrap_or_else(|| {
        let html = write();
        CARDS.with_borrow_mut(|cards| {
            if cards.len() >= MOST {
                cards.clear();
            }
            cards.insert(key, Card { tweet: Arc::clone(tweet), ago, html: html.clone() });
        });
        html
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use siskin_domain::Timestamp;

    fn tweet(id: u64, name: &str) -> Arc<Tweet> {
        Arc::new(Tweet {
            id: TweetId::new(id).unwrap(),
            tweetedby: "ana".to_owned(),
            name: name.to_owned(),
            body: "hi".to_owned(),
            timestamp: Timestamp::from_unix_ms(0),
        })
    }

    fn shown(tweet: &Arc<Tweet>, may_delete: bool, ago: &str, new: &str) -> String {
        card(tweet, may_delete, ago.to_owned(), || new.to_owned())
    }

    #[test]
    fn a_card_is_kept_until_anything_on_it_changes() {
        assert_eq!(shown(&tweet(1, "Ana"), false, "now", "first"), "first");
        assert_eq!(shown(&tweet(1, "Ana"), false, "now", "second"), "first");
        assert_eq!(shown(&tweet(1, "Ana"), true, "now", "mine"), "mine");
        assert_eq!(shown(&tweet(1, "Ana"), false, "a minute ago", "later"), "later");
        assert_eq!(shown(&tweet(1, "Anna"), false, "a minute ago", "renamed"), "renamed");
        for id in 2..1000 {
            shown(&tweet(id, "Ana"), false, "now", "x");
        }
        assert!(CARDS.with_borrow(HashMap::len) <= MOST);
    }
}
