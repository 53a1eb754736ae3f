use siskin_domain::{Timestamp, TweetId, wire::Tweet};

use super::{Action, Effect, Feed, Older, Row, State, Stream, reduce};

fn id(n: u64) -> TweetId {
    TweetId::new(n).unwrap()
}

fn by(author: &str, n: u64) -> Tweet {
    Tweet {
        id: id(n),
        tweetedby: author.to_owned(),
        name: author.to_uppercase(),
        body: format!("tweet {n}"),
        timestamp: Timestamp::from_unix_ms(n as i64),
    }
}

/// Ana's timeline of everybody's tweets: 20 and 10, by Ben.
fn given() -> State {
    State::new(Feed::Everyone, Some("ana".to_owned()), vec![by("ben", 20), by("ben", 10)], false)
}

impl State {
    fn when(mut self, action: Action) -> Self {
        reduce(&mut self, action);
        self
    }

    fn effects_of(&mut self, action: Action) -> Vec<Effect> {
        reduce(self, action)
    }

    fn ids(&self) -> Vec<u64> {
        self.rows.iter().filter(|row| !row.pending).map(|row| row.tweet.id.get()).collect()
    }
}

fn pending(attempt: u32, body: &str) -> Action {
    Action::Pending { attempt, tweet: Tweet { body: body.to_owned(), ..by("ana", 1) } }
}

fn kept(n: u64, body: &str) -> Tweet {
    Tweet { body: body.to_owned(), ..by("ana", n) }
}

#[test]
fn a_new_tweet_of_others_waits_behind_the_pill_and_moves_nothing() {
    let state = given().when(Action::Posted(by("ben", 30))).when(Action::Posted(by("cleo", 40)));
    assert_eq!(state.ids(), [20, 10]);
    assert_eq!(state.waiting.len(), 2);
}

#[test]
fn new_tweets_are_said_once_until_they_are_looked_at() {
    let state = given().when(Action::Posted(by("ben", 30)));
    assert_eq!(state.said, "1 new tweet");
    assert_eq!(state.clone().when(Action::Posted(by("cleo", 40))).said, "1 new tweet");
    let caught_up = given().when(Action::CaughtUp(vec![by("ben", 40), by("ben", 30)]));
    assert_eq!(caught_up.said, "2 new tweets");
    let looked = state.when(Action::PillPressed).when(Action::Posted(by("ben", 50)));
    assert_eq!(looked.said, "1 new tweet");
}

#[test]
fn what_the_stream_repeats_from_further_down_is_left_to_older() {
    let state = given().when(Action::Posted(by("ben", 5)));
    assert!(state.waiting.is_empty());
    let mut whole = given();
    whole.older = Older::End;
    assert_eq!(whole.when(Action::Posted(by("ben", 5))).waiting.len(), 1);
}

#[test]
fn the_pill_puts_the_new_tweets_in_newest_first() {
    let state = given()
        .when(Action::Posted(by("ben", 40)))
        .when(Action::Posted(by("ben", 30)))
        .when(Action::PillPressed);
    assert_eq!(state.ids(), [40, 30, 20, 10]);
    assert!(state.waiting.is_empty());
    assert_eq!(state.said, "2 new tweets are shown.");
}

#[test]
fn a_tweet_that_comes_twice_counts_once() {
    let state = given()
        .when(Action::Posted(by("ben", 30)))
        .when(Action::Posted(by("ben", 30)))
        .when(Action::CaughtUp(vec![by("ben", 30), by("ben", 20)]));
    assert_eq!(state.waiting.len(), 1);
}

#[test]
fn ones_own_tweet_from_elsewhere_is_shown_and_not_counted() {
    let state = given().when(Action::Posted(by("ana", 30)));
    assert_eq!(state.ids(), [30, 20, 10]);
    assert!(state.waiting.is_empty());
}

#[test]
fn catching_up_fills_the_gap_in_order() {
    let mut state = given();
    let effects = state.effects_of(Action::StreamOpened);
    assert_eq!(effects, [Effect::CatchUp { feed: Feed::Everyone, after: Some(id(20)) }]);
    let state = state.when(Action::CaughtUp(vec![by("ben", 40), by("ben", 30)]));
    assert_eq!(state.waiting.iter().map(|t| t.id.get()).collect::<Vec<_>>(), [40, 30]);
}

#[test]
fn a_lost_stream_is_shown_and_catches_up_when_it_is_back() {
    let mut state = given().when(Action::StreamOpened).when(Action::StreamLost);
    assert_eq!(state.stream, Stream::Lost);
    assert_eq!(state.effects_of(Action::StreamOpened).len(), 1);
    assert_eq!(state.stream, Stream::Open);
}

#[test]
fn a_pending_tweet_stands_first_and_its_answer_replaces_it() {
    let state = given().when(pending(1, "hello"));
    assert!(state.rows[0].pending);
    let key = state.rows[0].key();
    let state = state.when(Action::Confirmed { attempt: 1, tweet: kept(30, "hello") });
    assert_eq!(state.ids(), [30, 20, 10]);
    assert_eq!(state.rows.len(), 3);
    assert_ne!(state.rows[0].key(), key);
}

#[test]
fn the_stream_may_confirm_before_the_answer_and_nothing_doubles() {
    let state = given()
        .when(pending(1, "hello"))
        .when(Action::Posted(kept(30, "hello")))
        .when(Action::Confirmed { attempt: 1, tweet: kept(30, "hello") });
    assert_eq!(state.ids(), [30, 20, 10]);
    assert_eq!(state.rows.len(), 3);
}

#[test]
fn the_stream_may_repeat_what_the_answer_said() {
    let state = given()
        .when(pending(1, "hello"))
        .when(Action::Confirmed { attempt: 1, tweet: kept(30, "hello") })
        .when(Action::Posted(kept(30, "hello")));
    assert_eq!(state.rows.len(), 3);
}

#[test]
fn the_same_words_tweeted_elsewhere_lose_nothing() {
    let state = given()
        .when(pending(1, "hello"))
        .when(Action::Posted(kept(30, "hello")))
        .when(Action::Confirmed { attempt: 1, tweet: kept(31, "hello") });
    assert_eq!(state.ids(), [31, 30, 20, 10]);
}

#[test]
fn two_pending_tweets_are_confirmed_each_by_its_own_answer() {
    let state = given()
        .when(pending(1, "first"))
        .when(pending(2, "second"))
        .when(Action::Confirmed { attempt: 2, tweet: kept(31, "second") })
        .when(Action::Confirmed { attempt: 1, tweet: kept(30, "first") });
    assert_eq!(state.ids(), [31, 30, 20, 10]);
}

#[test]
fn a_rolled_back_tweet_leaves_no_trace() {
    let state = given().when(pending(1, "hello")).when(Action::RolledBack { attempt: 1 });
    assert_eq!(state, given());
}

#[test]
fn rolling_back_does_not_touch_what_the_stream_has_confirmed() {
    let state = given()
        .when(pending(1, "hello"))
        .when(Action::Posted(kept(30, "hello")))
        .when(Action::RolledBack { attempt: 1 });
    assert_eq!(state.ids(), [30, 20, 10]);
}

#[test]
fn older_tweets_are_asked_for_once_and_below_the_oldest() {
    let mut state = given();
    let effects = state.effects_of(Action::OlderAsked);
    assert_eq!(effects, [Effect::LoadOlder { feed: Feed::Everyone, before: id(10) }]);
    assert_eq!(state.effects_of(Action::OlderAsked), []);
    let state =
        state.when(Action::OlderCame { tweets: vec![by("ben", 9), by("ben", 8)], end: false });
    assert_eq!(state.ids(), [20, 10, 9, 8]);
    assert_eq!(state.older, Older::More);
}

#[test]
fn older_tweets_that_fail_may_be_asked_for_again() {
    let mut state =
        given().when(Action::OlderAsked).when(Action::OlderFailed("No network.".to_owned()));
    assert_eq!(state.older, Older::Failed("No network.".to_owned()));
    assert_eq!(state.effects_of(Action::OlderAsked).len(), 1);
}

#[test]
fn at_the_end_nothing_is_asked_for() {
    let mut state =
        given().when(Action::OlderAsked).when(Action::OlderCame { tweets: Vec::new(), end: true });
    assert_eq!(state.older, Older::End);
    assert_eq!(state.effects_of(Action::OlderAsked), []);
    let mut empty = State::new(Feed::Everyone, None, Vec::new(), false);
    assert_eq!(empty.effects_of(Action::OlderAsked), []);
    assert_eq!(empty.older, Older::End);
}

#[test]
fn a_pending_tweet_is_not_the_oldest() {
    let mut state = State::new(Feed::Everyone, Some("ana".to_owned()), Vec::new(), false)
        .when(pending(1, "hello"));
    assert_eq!(state.effects_of(Action::OlderAsked), []);
}

#[test]
fn deleting_asks_first_and_takes_the_tweet_away_at_once() {
    let mut state = given().when(Action::DeleteAsked(id(20)));
    assert_eq!(state.ids(), [20, 10]);
    assert_eq!(state.effects_of(Action::DeleteConfirmed), [Effect::Delete(id(20))]);
    assert_eq!((state.ids(), state.asked), (vec![10], None));
    let state = state.when(Action::Deleted(id(20)));
    assert!(state.leaving.is_empty());
}

#[test]
fn a_dismissed_deletion_does_nothing() {
    let mut state = given().when(Action::DeleteAsked(id(20))).when(Action::DeleteDismissed);
    assert_eq!(state.effects_of(Action::DeleteConfirmed), []);
    assert_eq!(state, given());
}

#[test]
fn a_refused_deletion_brings_the_tweet_back_to_its_place() {
    let state = given()
        .when(Action::DeleteAsked(id(20)))
        .when(Action::DeleteConfirmed)
        .when(Action::DeleteFailed { id: id(20), reason: "No network.".to_owned() });
    assert_eq!(state.ids(), [20, 10]);
    assert_eq!(state.failure.as_deref(), Some("No network."));
}

#[test]
fn a_failed_deletion_does_not_revive_what_the_stream_has_buried() {
    let state = given()
        .when(Action::DeleteAsked(id(20)))
        .when(Action::DeleteConfirmed)
        .when(Action::Vanished(id(20)))
        .when(Action::DeleteFailed { id: id(20), reason: "No network.".to_owned() });
    assert_eq!(state.ids(), [10]);
    assert_eq!(state.failure, None);
}

#[test]
fn a_vanished_tweet_leaves_rows_pill_and_dialog_and_does_not_come_back() {
    let state = given()
        .when(Action::Posted(by("ben", 30)))
        .when(Action::DeleteAsked(id(20)))
        .when(Action::Vanished(id(30)))
        .when(Action::Vanished(id(20)))
        .when(Action::Posted(by("ben", 30)))
        .when(Action::OlderCame { tweets: vec![by("ben", 20)], end: true });
    assert_eq!(state.ids(), [10]);
    assert!(state.waiting.is_empty());
    assert_eq!(state.asked, None);
}

#[test]
fn a_tweet_deleted_before_its_answer_came_stays_away() {
    let state = given()
        .when(pending(1, "hello"))
        .when(Action::Vanished(id(30)))
        .when(Action::Confirmed { attempt: 1, tweet: kept(30, "hello") });
    assert_eq!(state.ids(), [20, 10]);
}

#[test]
fn a_persons_page_takes_only_their_tweets() {
    let mut state = State::new(Feed::Of("ben".to_owned()), None, vec![by("ben", 20)], true);
    state = state.when(Action::Posted(by("cleo", 30))).when(Action::Posted(by("ben", 31)));
    assert_eq!(state.waiting.iter().map(|t| t.id.get()).collect::<Vec<_>>(), [31]);
}

#[test]
fn a_page_of_older_tweets_takes_no_new_ones() {
    let mut state = given();
    state.newest = false;
    assert_eq!(state.effects_of(Action::StreamOpened), []);
    assert!(state.when(Action::Posted(by("ben", 30))).waiting.is_empty());
}

#[test]
fn a_tag_filters_rows_and_news_in_any_case() {
    let mut state = given();
    state.tag = Some("Rust".to_owned());
    state.rows.push(Row::of(Tweet { body: "I like #RUST!".to_owned(), ..by("ben", 5) }));
    assert_eq!(state.shown().iter().map(|row| row.tweet.id.get()).collect::<Vec<_>>(), [5]);
    let state = state
        .when(Action::Posted(by("ben", 30)))
        .when(Action::Posted(Tweet { body: "#rust".to_owned(), ..by("ben", 31) }))
        .when(pending(1, "no tag, but mine"));
    assert_eq!(state.waiting.len(), 1);
    assert_eq!(state.shown().len(), 2);
}

#[test]
fn what_is_remembered_of_deletions_is_bounded() {
    let mut state = given();
    for n in 1_000..2_000 {
        state = state.when(Action::Vanished(id(n)));
    }
    assert_eq!(state.gone.len(), 256);
}
