use siskin_domain::{Timestamp, TweetId, wire::Tweet};

use super::{Action, Attempt, Author, Effect, State, reduce};
use crate::flux::timeline;

fn given() -> State {
    let author = Author { username: "ana".to_owned(), name: "Ana".to_owned() };
    State::new(10, Some(author))
}

fn submit(text: &str, key: &str) -> Action {
    let at = Timestamp::from_unix_ms(1_764_000_000_000);
    Action::Submitted { text: text.to_owned(), at, key: key.to_owned() }
}

fn attempt(attempt: u32, body: &str, key: &str) -> Attempt {
    let (username, body) = ("ana".to_owned(), body.to_owned());
    Attempt { attempt, username, body, key: key.to_owned() }
}

fn submit_later(text: &str, ms: i64) -> Action {
    let at = Timestamp::from_unix_ms(1_764_000_000_000 + ms);
    Action::Submitted { text: text.to_owned(), at, key: "k2".to_owned() }
}

fn refuse(attempt: u32, final_: bool) -> Action {
    Action::Refused { attempt, reason: "No.".to_owned(), final_ }
}

fn kept(body: &str) -> Tweet {
    Tweet {
        id: TweetId::new(30).unwrap(),
        tweetedby: "ana".to_owned(),
        name: "Ana".to_owned(),
        body: body.to_owned(),
        timestamp: Timestamp::from_unix_ms(0),
    }
}

impl State {
    fn when(mut self, action: Action) -> Self {
        reduce(&mut self, action);
        self
    }
}

#[test]
fn characters_left_are_counted_as_the_server_counts() {
    let state = given().when(Action::Typed("  e\u{301}👍  ".to_owned()));
    assert_eq!(state.left(), 8);
    assert_eq!(given().when(Action::Typed("12345678901".to_owned())).left(), -1);
}

#[test]
fn a_tweet_leaves_trimmed_and_the_text_area_is_emptied() {
    let mut state = given();
    let (effects, shown) = reduce(&mut state, submit("  hello ", "k1"));
    assert_eq!(effects, [Effect::Post(attempt(1, "hello", "k1"))]);
    let Some(timeline::Action::Pending { attempt: 1, tweet }) = shown else { panic!("{shown:?}") };
    assert_eq!((tweet.body.as_str(), tweet.name.as_str()), ("hello", "Ana"));
    assert_eq!((state.draft.as_str(), state.rewrite), ("", (1, String::new())));
}

#[test]
fn what_breaks_a_rule_stays_in_the_text_area_with_the_reason() {
    for (text, reason) in [
        ("", "Write something first."),
        (" \u{200B} ", "Write something first."),
        ("12345678901", "A tweet has at most 10 characters."),
    ] {
        let mut state = given();
        let (effects, shown) = reduce(&mut state, submit(text, "k1"));
        assert_eq!((effects, shown), (Vec::new(), None));
        assert_eq!(state.failure.as_deref(), Some(reason));
        assert_eq!((state.draft.as_str(), state.rewrite.0), (text, 0));
    }
}

#[test]
fn typing_takes_the_reason_away() {
    let state = given().when(submit("", "k1")).when(Action::Typed("h".to_owned()));
    assert_eq!(state.failure, None);
}

#[test]
fn a_visitor_sends_nothing() {
    let mut state = State::new(10, None);
    assert_eq!(reduce(&mut state, submit("hello", "k1")), (Vec::new(), None));
}

#[test]
fn a_confirmed_tweet_is_shown_and_forgotten() {
    let mut state = given().when(submit("hello", "k1"));
    let confirmed = Action::Confirmed { attempt: 1, tweet: kept("hello") };
    let (_, shown) = reduce(&mut state, confirmed);
    assert_eq!(shown, Some(timeline::Action::Confirmed { attempt: 1, tweet: kept("hello") }));
    assert!(state.sending.is_empty());
}

#[test]
fn a_refused_tweet_comes_back_with_the_reason() {
    let mut state = given().when(submit("hello", "k1"));
    let (_, shown) = reduce(&mut state, refuse(1, true));
    assert_eq!(shown, Some(timeline::Action::RolledBack { attempt: 1 }));
    assert_eq!(state.draft, "hello");
    assert_eq!(state.rewrite, (2, "hello".to_owned()));
    assert_eq!(state.failure.as_deref(), Some("No."));
}

#[test]
fn what_was_typed_in_the_meantime_is_kept() {
    let state = given()
        .when(submit("hello", "k1"))
        .when(Action::Typed("next".to_owned()))
        .when(refuse(1, true));
    assert_eq!(state.draft, "hello\n\nnext");
}

#[test]
fn the_same_text_after_silence_is_sent_with_the_same_key() {
    let mut state = given().when(submit("hello", "k1")).when(refuse(1, false));
    let (effects, _) = reduce(&mut state, submit("hello", "k2"));
    assert_eq!(effects, [Effect::Post(attempt(2, "hello", "k1"))]);
}

#[test]
fn another_text_or_a_clear_refusal_takes_a_new_key() {
    for (final_, text) in [(false, "other"), (true, "hello")] {
        let mut state = given().when(submit("hello", "k1")).when(refuse(1, final_));
        let (effects, _) = reduce(&mut state, submit(text, "k2"));
        let Effect::Post(attempt) = &effects[0];
        assert_eq!(attempt.key, "k2");
    }
}

#[test]
fn a_lost_tweet_that_arrives_after_all_clears_the_text_area() {
    let state = given()
        .when(submit("hello", "k1"))
        .when(refuse(1, false))
        .when(Action::Arrived { body: "hello".to_owned() });
    assert_eq!((state.draft.as_str(), state.failure), ("", None));
}

#[test]
fn an_arrival_does_not_touch_a_text_that_went_on() {
    let state = given()
        .when(submit("hello", "k1"))
        .when(refuse(1, false))
        .when(Action::Typed("hello!".to_owned()))
        .when(Action::Arrived { body: "hello".to_owned() });
    assert_eq!(state.draft, "hello!");
}

#[test]
fn an_answer_to_an_unknown_attempt_changes_nothing() {
    let state = given().when(Action::Typed("h".to_owned()));
    assert_eq!(state.clone().when(refuse(7, true)), state);
}

#[test]
fn the_second_click_of_a_double_one_is_no_mistake() {
    let sent = given().when(submit("hello", "k1"));
    assert_eq!(sent.clone().when(submit_later("", 200)), sent);
    // However long the answer takes.
    assert_eq!(sent.clone().when(submit_later(" ", 5_000)).failure, None);
    let kept = sent.when(Action::Confirmed { attempt: 1, tweet: kept("hello") });
    assert_eq!(kept.clone().when(submit_later("", 200)).failure, None);
    assert!(kept.clone().when(submit_later("", 2_000)).failure.is_some());
    assert!(kept.when(submit_later("12345678901", 200)).failure.is_some());
}

#[test]
fn two_tweets_that_fail_come_back_in_their_order_above_what_is_being_typed() {
    let state = given()
        .when(submit("first", "k1"))
        .when(submit("second", "k2"))
        .when(Action::Typed("third".to_owned()))
        .when(refuse(1, false))
        .when(refuse(2, false));
    assert_eq!(state.draft, "first\n\nsecond\n\nthird");
    let untouched = given()
        .when(submit("first", "k1"))
        .when(submit("second", "k2"))
        .when(refuse(1, true))
        .when(refuse(2, true));
    assert_eq!(untouched.draft, "first\n\nsecond");
    assert_eq!(untouched.rewrite.1, untouched.draft);
}

#[test]
fn each_tweet_that_got_no_answer_is_sent_again_with_its_own_key() {
    let mut state = given()
        .when(submit("first", "k1"))
        .when(submit("second", "k2"))
        .when(refuse(1, false))
        .when(refuse(2, false));
    for (at, text, key) in [(3, "first", "k1"), (4, "second", "k2")] {
        let (effects, _) = reduce(&mut state, submit(text, "k3"));
        assert_eq!(effects, [Effect::Post(attempt(at, text, key))]);
    }
    assert!(state.unsure.is_empty());
}

#[test]
fn a_tweet_that_failed_stays_in_doubt_until_all_have_arrived() {
    let state = given()
        .when(submit("first", "k1"))
        .when(submit("second", "k2"))
        .when(refuse(1, false))
        .when(refuse(2, false))
        .when(Action::Arrived { body: "first".to_owned() });
    assert_eq!(state.failure.as_deref(), Some("No."));
    assert_eq!(state.when(Action::Arrived { body: "second".to_owned() }).failure, None);
}

#[test]
fn a_new_text_area_gets_the_draft() {
    let mut state = given().when(Action::Typed("half a tho".to_owned()));
    state.show_again();
    assert_eq!(state.rewrite, (1, "half a tho".to_owned()));
    // Not what was erased since it came back.
    let mut state = given()
        .when(submit("hello", "k1"))
        .when(refuse(1, true))
        .when(Action::Typed(String::new()));
    state.show_again();
    assert_eq!(state.rewrite.1, "");
    // What was typed before the app was there is not overwritten.
    let mut state = given();
    state.show_again();
    assert_eq!(state.rewrite.0, 0);
}
