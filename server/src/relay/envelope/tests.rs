use serde_json::{Value, json};
use siskin_domain::moderation::{Filing, Measure};
use siskin_domain::user::{Profile, ProfileUpdate};
use siskin_domain::{Position, ReportId, TweetBody};

use super::*;

const ANA: u64 = 2_201_170_739_200;
const REPORT: u64 = 2_201_170_747_392;

fn ana() -> UserId {
    UserId::new(ANA).unwrap()
}

fn profile() -> Profile {
    Profile {
        username: Username::parse("ana").unwrap(),
        email: Email::parse("ana@example.org").unwrap(),
        name: DisplayName::parse("Ana").unwrap(),
    }
}

fn changes() -> ProfileUpdate {
    ProfileUpdate {
        email: Some(Email::parse("anna@example.org").unwrap()),
        name: Some(DisplayName::parse("Anna").unwrap()),
        bio: Some(Bio::parse("Writes.").unwrap()),
        ..Default::default()
    }
}

fn tweet(event: TweetEvent) -> (StreamId, Event) {
    (StreamId::Tweet(TweetId::new(2_201_170_743_296).unwrap()), event.into())
}

fn user(event: UserEvent) -> (StreamId, Event) {
    (StreamId::User(ana()), event.into())
}

fn moderation(event: ModerationEvent) -> (StreamId, Event) {
    (StreamId::Moderation(ana()), event.into())
}

fn report(event: ReportEvent) -> (StreamId, Event) {
    (StreamId::Report(ReportId::new(REPORT).unwrap()), event.into())
}

fn reason() -> Option<Reason> {
    Some(Reason::parse("Spam.").unwrap())
}

fn filing() -> Filing {
    let tweet = TweetId::new(2_201_170_743_296).ok();
    Filing { by: UserId::new(2_201_170_739_456).unwrap(), about: ana(), tweet }
}

/// One of each type, in the order of `docs/EVENTS.md`.
fn every_event() -> Vec<(StreamId, Event)> {
    let body = TweetBody::recorded("Hello, \"world\" 👍".to_owned());
    vec![
        user(UserEvent::Created { role: Role::User, profile: Some(profile()) }),
        user(UserEvent::Updated { changes: Some(changes()) }),
        user(UserEvent::PasswordUpdated),
        (StreamId::Logins(ana()), UserEvent::LoggedIn.into()),
        user(UserEvent::RoleUpdated { role: Role::Moderator }),
        user(UserEvent::Deleted),
        tweet(TweetEvent::Posted { author: ana(), body: Some(body) }),
        tweet(TweetEvent::Deleted { author: ana() }),
        moderation(ModerationEvent::Imposed { measure: Measure::Warning, reason: reason() }),
        moderation(ModerationEvent::Lifted { measure: Measure::Warning, reason: reason() }),
        moderation(ModerationEvent::WarningDismissed),
        moderation(ModerationEvent::Imposed { measure: Measure::Silence, reason: reason() }),
        moderation(ModerationEvent::Lifted { measure: Measure::Silence, reason: reason() }),
        moderation(ModerationEvent::Imposed { measure: Measure::Suspension, reason: reason() }),
        moderation(ModerationEvent::Lifted { measure: Measure::Suspension, reason: reason() }),
        tweet(TweetEvent::Hidden { author: ana(), reason: reason() }),
        tweet(TweetEvent::Unhidden { author: ana(), reason: reason() }),
        report(ReportEvent::Filed { filing: filing(), reason: reason() }),
        report(ReportEvent::Resolved { filing: filing(), reason: reason() }),
    ]
}

fn recorded((stream, event): (StreamId, Event)) -> Recorded {
    Recorded {
        position: Position(42),
        stream,
        version: 3,
        at: Timestamp::from_unix_ms(1_764_015_096_042),
        actor: Some(ana()),
        event,
    }
}

fn written(email: bool) -> Vec<(Message, Value)> {
    let envelopes = Envelopes::new("https://tweets.example.org", email);
    let write = |event| {
        let message = envelopes.message(&recorded(event));
        let json = serde_json::from_str(&message.payload).unwrap();
        (message, json)
    };
    every_event().into_iter().map(write).collect()
}

#[test]
fn the_envelope_is_a_cloud_event() {
    for (message, json) in written(false) {
        let attributes = json.as_object().unwrap();
        for name in attributes.keys() {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{name}");
        }
        assert_eq!(json["specversion"], "1.0");
        assert_eq!(json["id"], "42");
        assert_eq!(json["source"], "https://tweets.example.org");
        assert_eq!(json["time"], "2025-11-24T20:11:36.042Z");
        assert_eq!(json["datacontenttype"], "application/json");
        assert_eq!(json["schemaversion"], 1);
        assert_eq!((&json["position"], &json["streamversion"]), (&json!("42"), &json!("3")));
        assert_eq!(json["actor"], ANA.to_string());
        assert_eq!(json["data"]["id"].to_string(), message.key);
    }
}

#[test]
fn every_type_has_its_topic_its_key_and_its_data() {
    let tweet = 2_201_170_743_296_u64;
    let reported = json!({
        "id": REPORT, "by": 2_201_170_739_456_u64, "about": ANA, "tweet": tweet, "reason": "Spam.",
    });
    let expected = [
        (
            "UserCreated",
            USERS,
            json!({ "id": ANA, "role": "user", "username": "ana", "name": "Ana" }),
        ),
        ("UserUpdated", USERS, json!({ "id": ANA, "name": "Anna", "bio": "Writes." })),
        ("PasswordUpdated", USERS, json!({ "id": ANA })),
        ("UserLoggedIn", USERS, json!({ "id": ANA })),
        ("UserRoleUpdated", USERS, json!({ "id": ANA, "role": "moderator" })),
        ("UserDeleted", USERS, json!({ "id": ANA })),
        (
            "TweetPosted",
            TWEETS,
            json!({ "id": tweet, "author": ANA, "body": "Hello, \"world\" 👍" }),
        ),
        ("TweetDeleted", TWEETS, json!({ "id": tweet, "author": ANA })),
        ("UserWarned", USERS, json!({ "id": ANA, "reason": "Spam." })),
        ("UserUnwarned", USERS, json!({ "id": ANA, "reason": "Spam." })),
        ("UserWarningDismissed", USERS, json!({ "id": ANA })),
        ("UserSilenced", USERS, json!({ "id": ANA, "reason": "Spam." })),
        ("UserUnsilenced", USERS, json!({ "id": ANA, "reason": "Spam." })),
        ("UserSuspended", USERS, json!({ "id": ANA, "reason": "Spam." })),
        ("UserUnsuspended", USERS, json!({ "id": ANA, "reason": "Spam." })),
        ("TweetHidden", TWEETS, json!({ "id": tweet, "author": ANA, "reason": "Spam." })),
        ("TweetUnhidden", TWEETS, json!({ "id": tweet, "author": ANA, "reason": "Spam." })),
        ("Reported", REPORTS, reported.clone()),
        ("ReportResolved", REPORTS, reported),
    ];
    for ((message, json), (kind, topic, data)) in written(false).into_iter().zip(expected) {
        assert_eq!(json["type"], kind);
        assert_eq!((message.topic, &json["data"]), (topic, &data), "{kind}");
        let (subject, key) = match topic {
            USERS => (format!("user-{ANA}"), ANA),
            REPORTS => (format!("report-{REPORT}"), REPORT),
            _ => (format!("tweet-{tweet}"), tweet),
        };
        assert_eq!((&json["subject"], message.key), (&json!(subject), key.to_string()), "{kind}");
    }
}

#[test]
fn addresses_leave_only_if_the_operator_wants_it() {
    let texts = |email| -> String {
        written(email).into_iter().map(|(message, _)| message.payload).collect()
    };
    assert!(!texts(false).contains('@'));
    let with = written(true);
    assert_eq!(with[0].1["data"]["email"], "ana@example.org");
    assert_eq!(with[1].1["data"]["email"], "anna@example.org");
    assert_eq!(texts(true).matches('@').count(), 2);
}

#[test]
fn what_was_forgotten_is_absent() {
    let envelopes = Envelopes::new("https://tweets.example.org", true);
    for (event, data) in [
        (
            user(UserEvent::Created { role: Role::User, profile: None }),
            json!({ "id": ANA, "role": "user" }),
        ),
        (user(UserEvent::Updated { changes: None }), json!({ "id": ANA })),
        (
            tweet(TweetEvent::Posted { author: ana(), body: None }),
            json!({ "id": 2_201_170_743_296_u64, "author": ANA }),
        ),
    ] {
        let message = envelopes.message(&Recorded { actor: None, ..recorded(event) });
        let json: Value = serde_json::from_str(&message.payload).unwrap();
        assert_eq!(json["data"], data);
        assert_eq!(json.get("actor"), None);
    }
}

/// The document's examples are what is written: one of each type, in this order.
#[test]
fn the_document_shows_what_is_written() {
    let document = include_str!("../../../../docs/EVENTS.md");
    let examples: Vec<Value> = document
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(|example| serde_json::from_str(example).expect("an example is JSON"))
        .collect();
    let written: Vec<Value> = written(false).into_iter().map(|(_, json)| json).collect();
    assert_eq!(examples.len(), written.len());
    for (example, written) in examples.iter().zip(&written) {
        assert_eq!(example, written);
    }
}
