//! Opening, migrating, verifying.

use siskin_domain::{Position, StreamId};
use siskin_server::storage::contract::scene::{credential, time, token};
use siskin_server::storage::{
    Audience, Difference, SessionKind, SqliteOptions, SqliteStore, StoreError,
};

use crate::place::{place, scene, sql};

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_reopening() {
    let place = place();
    let first = scene(&place.path, 1);
    let ana = first.register("ana").await;
    first.effects(ana, vec![credential(ana, "hash")]).await.unwrap();
    first.start(ana, 1, SessionKind::Cookie, 100).await;
    let tweet = first.post(ana, "one").await;
    let (log, position) = (first.log().await, first.store.position());
    drop(first);
    for closed in [false, true] {
        let again = scene(&place.path, 100);
        assert_eq!(again.store.position(), position);
        assert_eq!(again.log().await, log);
        assert_eq!(
            again.store.find_tweet(tweet, Audience::All).await.unwrap().unwrap().body,
            "one"
        );
        assert!(again.store.credential_of(ana).await.unwrap().is_some());
        assert!(again.store.find_session(&token(1), time(1)).await.unwrap().is_some());
        again.sound().await;
        if closed {
            again.store.close().await;
        }
    }
    let again = scene(&place.path, 200);
    again.post(ana, "two").await;
    assert_eq!(again.store.position(), Position(position.0 + 1));
    again.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_run_once() {
    let place = place();
    let schema = || {
        let conn = rusqlite::Connection::open(&place.path).unwrap();
        let version: i64 = conn.query_row("PRAGMA user_version", (), |row| row.get(0)).unwrap();
        let mut select = conn.prepare("SELECT coalesce(sql, '') FROM sqlite_schema").unwrap();
        let sql: Vec<String> = select.query_map((), |row| row.get(0)).unwrap().flatten().collect();
        (version, sql)
    };
    drop(scene(&place.path, 1));
    let first = schema();
    assert!(first.0 >= 1 && first.1.len() > 6);
    drop(scene(&place.path, 1));
    assert_eq!(schema(), first);
}

#[tokio::test]
async fn what_is_not_ours_is_refused_in_one_sentence() {
    let place = place();
    drop(SqliteStore::open(&place.path).unwrap());
    sql(&place.path, "PRAGMA user_version = 99");
    let refused = SqliteStore::open(&place.path).unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt(_)));
    assert!(refused.to_string().contains("newer version of siskin"), "{refused}");

    let other = place.path.with_file_name("other.db");
    sql(&other, "CREATE TABLE accounts (id)");
    let refused = SqliteStore::open(&other).unwrap_err();
    assert!(refused.to_string().contains("another program"), "{refused}");

    let text = place.path.with_file_name("notes.txt");
    std::fs::write(&text, "Not a database, but notes of somebody. ".repeat(200)).unwrap();
    assert!(matches!(SqliteStore::open(&text), Err(StoreError::Damaged(_))));
    assert!(std::fs::read_to_string(&text).unwrap().starts_with("Not a database"));

    let missing = place.path.with_file_name("missing.db");
    let options = SqliteOptions { create: false, ..SqliteOptions::new(&missing) };
    assert!(matches!(SqliteStore::open_with(options), Err(StoreError::Unavailable(_))));
    assert!(!missing.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let scene = scene(&place.path, 1);
    scene.register("ana").await;
    for file in std::fs::read_dir(place.path.parent().unwrap()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_finds_every_tampering() {
    let place = place();
    let scene = scene(&place.path, 1);
    let ana = scene.register("ana").await;
    let ben = scene.register("ben").await;
    let tweets =
        [scene.post(ana, "one").await, scene.post(ana, "two").await, scene.post(ben, "x").await];
    sql(
        &place.path,
        &format!(
            "UPDATE tweets SET body = 'forged', at = 1 WHERE id = {};
             DELETE FROM tweets WHERE id = {};
             INSERT INTO tweets (id, author, body, at) VALUES (5, {ben}, 'planted', 1);
             UPDATE users SET role = 'admin' WHERE id = {ben};",
            tweets[0], tweets[1]
        ),
    );
    let found = scene.store.verify_projections().await.unwrap();
    let difference = |projection, key: u64, what: &str| Difference {
        projection,
        key: key.to_string(),
        what: what.to_owned(),
    };
    let expected = [
        difference("users", ben.get(), "differs in role"),
        difference("tweets", 5, "is not in the log"),
        difference("tweets", tweets[0].get(), "differs in body, at"),
        difference("tweets", tweets[1].get(), "is missing"),
    ];
    assert_eq!(found.differences, expected);
    assert_eq!(scene.store.rebuild_projections().await.unwrap(), 5);
    scene.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_understood_is_corrupt_and_stops_nobody() {
    let place = place();
    let scene = scene(&place.path, 1);
    let ana = scene.register("ana").await;
    sql(
        &place.path,
        "INSERT INTO events VALUES (2, 'tweet-9', 1, 'TweetLiked', 7, 1, NULL, '{}', NULL)",
    );
    let position = scene.store.position();
    assert_eq!(position, Position(1));
    let tweet = scene.post(ana, "still alive").await;
    assert_eq!(scene.store.position(), Position(3));
    assert_eq!(scene.store.load(StreamId::Tweet(tweet)).await.unwrap().len(), 1);
    let refused = scene.store.read_all(Position(0), 10).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    let refused = scene.store.rebuild_projections().await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    assert!(
        scene.store.find_user(ana, Audience::All).await.unwrap().is_some(),
        "the rebuild was undone"
    );
    scene.post(ana, "and again").await;
}
