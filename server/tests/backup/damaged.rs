//! `siskin events verify` sees each way in which a log can be wrong, in both stores.

use std::sync::Arc;

use ::mongodb::Client;
use ::mongodb::bson::{Document, doc};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, Recorded, StreamId, Timestamp};
use siskin_server::integrity;
use siskin_server::storage::{Maintenance as _, MongoStore, SqliteStore, Store};

use crate::history::lively;
use crate::mongodb::database;
use crate::place::{Place, log, refused};

/// What is done to the event at a position.
enum Damage {
    Remove,
    /// Other columns.
    Set(&'static str),
}

/// After everything in the scene, and before any real clock.
fn now() -> Timestamp {
    "2026-01-01T00:00:00.000Z".parse().unwrap()
}

fn position(log: &[Recorded], which: impl Fn(&Recorded) -> bool) -> u64 {
    log.iter().find(|recorded| which(recorded)).unwrap().position.0
}

fn is_deleted(log: &[Recorded], stream: StreamId) -> bool {
    log.iter().any(|other| {
        let deleted = Event::User(UserEvent::Deleted) == other.event
            || matches!(other.event, Event::Tweet(TweetEvent::Deleted { .. }));
        other.stream == stream && deleted
    })
}

/// Each damage: where, what, and words of the finding.
fn damages(log: &[Recorded]) -> Vec<(u64, Damage, &'static str)> {
    use Damage::{Remove, Set};
    let posted = |event: &Recorded| matches!(event.event, Event::Tweet(TweetEvent::Posted { .. }));
    let living = position(log, |event| posted(event) && !is_deleted(log, event.stream));
    let gone = position(log, |event| posted(event) && is_deleted(log, event.stream));
    let tweet_end =
        position(log, |event| matches!(event.event, Event::Tweet(TweetEvent::Deleted { .. })));
    let kind = |kind: &'static str| position(log, |event| event.event.kind() == kind);
    let second = log
        .iter()
        .filter(|event| event.event.kind() == "UserCreated")
        .filter(|event| !is_deleted(log, event.stream))
        .nth(1)
        .unwrap()
        .position
        .0;
    let deleted = kind("UserDeleted");
    vec![
        (living, Remove, "is missing"),
        (kind("PasswordUpdated"), Set("version = 9"), "is at version 9, not at"),
        (living, Set("data = '{}'"), "can't be read"),
        (living, Set("kind = 'TweetLiked'"), "can't be read: an event of kind \"TweetLiked\""),
        (living, Set("schema = 7"), "can't be read"),
        (living, Set("stream = 'cat-7'"), "can't be read: not a stream"),
        (living, Set("kind = 'UserLoggedIn'"), "a UserLoggedIn in the stream tweet-"),
        (tweet_end, Set("kind = 'TweetPosted'"), "a tweet is posted twice"),
        (living, Set("data = '{\"author\":424242}'"), "424242, who was never there"),
        (tweet_end, Set("data = '{\"author\":424242}'"), "for the author of a tweet of"),
        (living, Set("actor = 424242"), "its actor 424242 was never there"),
        (living, Set("at = 1000"), "more than a day before that of the event before it"),
        (living, Set("at = 9000000000000"), "its time is yet to come"),
        (gone, Set("personal = '{\"body\":\"back\"}'"), "should be forgotten, and is not"),
        (living, Set("personal = NULL"), "is forgotten, and nothing says why"),
        (
            second,
            Set("personal = '{\"username\":\"anna\",\"email\":\"a@example.org\",\"name\":\"A\"}'"),
            "the username of",
        ),
        (deleted, Set("kind = 'PasswordUpdated'"), "is forgotten, and nothing says why"),
        (kind("UserCreated"), Set("kind = 'PasswordUpdated'"), "somebody who was never there"),
        (
            kind("UserWarned"),
            Set("stream = 'moderation-424242'"),
            "of somebody who was never there",
        ),
        (kind("ReportResolved"), Set("kind = 'Reported'"), "a report is filed twice"),
        (kind("UserLoggedIn"), Set("stream = 'logins-424242'"), "a log-in of somebody"),
    ]
}

async fn findings(store: &dyn Store) -> Vec<String> {
    integrity::verify(store, now()).await.unwrap().findings
}

#[tokio::test(flavor = "multi_thread")]
async fn each_damage_of_a_database_is_found() {
    let place = Place::lively().await;
    let store = place.store();
    let log = log(&store).await;
    assert_eq!(findings(&store).await, [""; 0]);
    store.close().await;
    let damages = damages(&log);
    assert!(damages.len() > 20);
    let beside = [
        ("INSERT INTO credentials (user, hash) VALUES (424242, 'x')", "a password hash of 424242"),
        ("UPDATE proofs SET user = 424242 WHERE kind = 'totp'", "a proof (totp) of 424242"),
    ];
    let damages = damages.into_iter().map(|(at, damage, words)| {
        let sql = match damage {
            Damage::Remove => format!("DELETE FROM events WHERE position = {at}"),
            Damage::Set(columns) => format!("UPDATE events SET {columns} WHERE position = {at}"),
        };
        (sql, words)
    });
    for (sql, words) in damages.chain(beside.map(|(sql, words)| (sql.to_owned(), words))) {
        let copy = Place::empty();
        std::fs::copy(place.database(), copy.database()).unwrap();
        let conn = rusqlite::Connection::open(copy.database()).unwrap();
        assert!(conn.execute(&sql, ()).unwrap() > 0, "{sql}");
        drop(conn);
        let store = SqliteStore::open(&copy.database()).unwrap();
        let found = findings(&store).await;
        assert!(found.iter().any(|line| line.contains(words)), "{sql}\n{words}\n{found:#?}");
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_lines_and_the_command_fails() {
    let place = Place::lively().await;
    let conn = rusqlite::Connection::open(place.database()).unwrap();
    conn.execute("DELETE FROM events WHERE position IN (7, 20)", ()).unwrap();
    drop(conn);
    let output = place.run(&["events", "verify"]);
    assert!(refused(&output).contains("the log is not as it should be in "));
    let text = String::from_utf8(output.stdout).unwrap();
    for line in ["position 7: is missing\n", "position 20: is missing\n", "Read "] {
        assert!(text.contains(line), "{text}");
    }
    assert!(!text.contains("All is as it should be"), "{text}");
}

/// The same edits as documents: columns are fields, and JSON texts are documents.
fn edit(columns: &str) -> Document {
    let (field, value) = columns.split_once(" = ").unwrap();
    if value == "NULL" {
        return doc! { "$unset": { field: 1 } };
    }
    let set = match (field, value.trim_matches('\'')) {
        ("at", ms) => {
            doc! { field: ::mongodb::bson::DateTime::from_millis(ms.parse().unwrap()) }
        }
        ("data" | "personal", json) => {
            let json: serde_json::Value = serde_json::from_str(json).unwrap();
            doc! { field: ::mongodb::bson::serialize_to_document(&json).unwrap() }
        }
        (_, text) => match text.parse::<i64>() {
            Ok(number) => doc! { field: number },
            Err(_) => doc! { field: text },
        },
    };
    doc! { "$set": set }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_damage_of_a_mongodb_store_is_found() {
    let url = database();
    let store: Arc<dyn Store> = Arc::new(MongoStore::open(&url).await.unwrap());
    lively(Arc::clone(&store)).await;
    let log = log(store.as_ref()).await;
    assert_eq!(findings(store.as_ref()).await, [""; 0]);
    let behind = Client::with_uri_str(&url).await.unwrap().default_database().unwrap();
    let events = behind.collection::<Document>("events");
    for (at, damage, words) in damages(&log) {
        let this = doc! { "_id": at as i64 };
        let before = events.find_one(this.clone()).await.unwrap().unwrap();
        match damage {
            Damage::Remove => drop(events.delete_one(this.clone()).await.unwrap()),
            Damage::Set(columns) => {
                let edit = edit(columns);
                assert_eq!(events.update_one(this.clone(), edit).await.unwrap().modified_count, 1);
            }
        }
        let found = findings(store.as_ref()).await;
        assert!(found.iter().any(|line| line.contains(words)), "{at} {words}\n{found:#?}");
        events.delete_one(this).await.unwrap();
        events.insert_one(before).await.unwrap();
    }
    let nobody = doc! { "_id": 424_242_i64, "hash": "x" };
    behind.collection::<Document>("credentials").insert_one(nobody).await.unwrap();
    let found = findings(store.as_ref()).await;
    assert!(found.iter().any(|line| line.contains("a password hash of 424242")), "{found:#?}");
    store.close().await;
}
