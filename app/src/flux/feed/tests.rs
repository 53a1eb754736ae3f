use siskin_domain::{Timestamp, TweetId, wire::Tweet};

use super::{Action, Effect, State, reduce::reduce};
use crate::flux::composer::{self, Attempt, Author};
use crate::flux::timeline::{self, Feed};

fn tweet(n: u64, author: &str, body: &str) -> Tweet {
    Tweet {
        id: TweetId::new(n).unwrap(),
        tweetedby: author.to_owned(),
        name: author.to_owned(),
        body: body.to_owned(),
        timestamp: Timestamp::from_unix_ms(n as i64),
    }
}

fn given() -> State {
    let author = Author { username: "ana".to_owned(), name: "Ana".to_owned() };
    let tweets = vec![tweet(10, "ben", "hi")];
    State {
        timeline: timeline::State::new(Feed::Everyone, Some("ana".to_owned()), tweets, true),
        composer: composer::State::new(280, Some(author)),
    }
}

fn submit(text: &str) -> composer::Action {
    let at = Timestamp::from_unix_ms(1_764_000_000_000);
    composer::Action::Submitted { text: text.to_owned(), at, key: "key".to_owned() }
}

fn refuse(attempt: u32) -> composer::Action {
    composer::Action::Refused { attempt, reason: "No network.".to_owned(), final_: false }
}

impl State {
    fn when(mut self, action: impl Into<Action>) -> Self {
        reduce(&mut self, action.into());
        self
    }

    fn bodies(&self) -> Vec<&str> {
        self.timeline.rows.iter().map(|row| row.tweet.body.as_str()).collect()
    }
}

#[test]
fn what_is_sent_is_shown_at_once_as_pending() {
    let mut state = given();
    let effects = reduce(&mut state, submit("hello").into());
    let attempt = Attempt {
        attempt: 1,
        username: "ana".to_owned(),
        body: "hello".to_owned(),
        key: "key".to_owned(),
    };
    assert_eq!(effects, [Effect::Composer(composer::Effect::Post(attempt))]);
    assert_eq!(state.bodies(), ["hello", "hi"]);
    assert!(state.timeline.rows[0].pending);
}

#[test]
fn what_fails_goes_back_from_the_timeline_to_the_composer() {
    let state = given().when(submit("hello")).when(refuse(1));
    assert_eq!(state.bodies(), ["hi"]);
    assert_eq!(state.composer.draft, "hello");
    assert_eq!(state.composer.failure.as_deref(), Some("No network."));
}

#[test]
fn a_lost_answer_matters_not_if_the_stream_brought_the_tweet() {
    let state = given()
        .when(submit("hello"))
        .when(timeline::Action::Posted(tweet(30, "ana", "hello")))
        .when(refuse(1));
    assert_eq!(state.bodies(), ["hello", "hi"]);
    assert_eq!((state.composer.draft.as_str(), &state.composer.failure), ("", &None));
    assert!(state.composer.sending.is_empty());
}

#[test]
fn a_tweet_that_arrives_after_its_failure_clears_the_composer() {
    for arrival in [
        timeline::Action::Posted(tweet(30, "ana", "hello")),
        timeline::Action::CaughtUp(vec![tweet(30, "ana", "hello")]),
    ] {
        let state = given().when(submit("hello")).when(refuse(1)).when(arrival);
        assert_eq!(state.bodies(), ["hello", "hi"]);
        assert_eq!((state.composer.draft.as_str(), &state.composer.failure), ("", &None));
    }
}

#[test]
fn somebody_elses_same_words_do_not_clear_the_composer() {
    let arrival = timeline::Action::Posted(tweet(30, "ben", "hello"));
    let state = given().when(submit("hello")).when(refuse(1)).when(arrival);
    assert_eq!(state.composer.draft, "hello");
}

/// The page at `/` is shown anew: with a hashtag, or when one comes back.
fn shown_again() -> Action {
    Action::Shown(Box::new(given().timeline))
}

#[test]
fn a_draft_outlives_the_page() {
    let state = given().when(composer::Action::Typed("half a tho".to_owned())).when(shown_again());
    assert_eq!(state.composer.draft, "half a tho");
    assert_eq!(state.composer.rewrite, (1, "half a tho".to_owned()));
}

#[test]
fn a_failure_that_is_told_after_one_has_left_the_page_is_there_when_one_comes_back() {
    let state = given().when(submit("hello")).when(refuse(1)).when(shown_again());
    assert_eq!(state.composer.rewrite.1, "hello");
    assert_eq!(state.composer.failure.as_deref(), Some("No network."));
    assert_eq!(state.composer.unsure.len(), 1);
    assert_eq!(state.bodies(), ["hi"]);
}

#[test]
fn what_is_on_its_way_stays_in_sight() {
    let state = given().when(submit("hello")).when(shown_again()).when(shown_again());
    assert_eq!(state.bodies(), ["hello", "hi"]);
    assert_eq!(state.when(refuse(1)).bodies(), ["hi"]);
}

#[test]
fn another_timeline_takes_the_place_of_the_former() {
    let mut other = given().timeline;
    other.rows.clear();
    other.tag = Some("x".to_owned());
    let gone = timeline::Action::Vanished(TweetId::new(10).unwrap());
    let state = given().when(gone).when(Action::Shown(Box::new(other.clone())));
    assert_eq!(state.timeline, other);
}
