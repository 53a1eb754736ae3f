//! The executable starts on the data of every earlier schema, and nobody loses anything.
//!
//! `fixtures/schema-N.sql` is what an executable of that time wrote, as `sqlite3 .dump` prints it; see
//! `fixtures/README.md`. The schemas between are those files and the migrations that an executable of
//! that time would have run on them.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../crash/server.rs"]
#[expect(dead_code, reason = "made for the crash test; kill and start_with are used in part")]
mod server;

mod large;

use std::path::Path;

use reqwest::{Client, StatusCode, header};
use rusqlite::Connection;
use serde_json::{Value, json};
use server::{Server, run};

/// The migrations, as the store has them.
const MIGRATIONS: [&str; 8] = [
    include_str!("../../src/storage/sqlite/migrations/0001_initial.sql"),
    include_str!("../../src/storage/sqlite/migrations/0002_relays.sql"),
    include_str!("../../src/storage/sqlite/migrations/0003_nodes.sql"),
    include_str!("../../src/storage/sqlite/migrations/0004_sessions.sql"),
    include_str!("../../src/storage/sqlite/migrations/0005_proofs.sql"),
    include_str!("../../src/storage/sqlite/migrations/0006_moderation.sql"),
    include_str!("../../src/storage/sqlite/migrations/0007_projected.sql"),
    include_str!("../../src/storage/sqlite/migrations/0008_acts.sql"),
];
const WRITTEN_BY_SCHEMA_1: &str = include_str!("fixtures/schema-1.sql");
const WRITTEN_BY_SCHEMA_4: &str = include_str!("fixtures/schema-4.sql");
/// What the fixtures hold.
const EVENTS: u64 = 48;
const TWEETS: usize = 32;

/// A database of schema `n` in the folder, where the server looks for it.
fn database_of_schema(n: usize, folder: &Path) -> Connection {
    let (dump, written_by) =
        if n < 4 { (WRITTEN_BY_SCHEMA_1, 1) } else { (WRITTEN_BY_SCHEMA_4, 4) };
    let conn = Connection::open(folder.join("siskin.db")).expect("a new database");
    conn.execute_batch(dump).expect("the dump is SQL");
    for number in written_by + 1..=n {
        conn.execute_batch(MIGRATIONS[number - 1]).expect("the migration runs");
        conn.pragma_update(None, "user_version", number as i64).expect("its number is set");
    }
    assert_eq!(schema(&conn), n as i64);
    // The fixture's sessions end some day; this test does not.
    conn.execute_batch("UPDATE sessions SET expires_at = 253402300799000").expect("sessions last");
    conn
}

fn schema(conn: &Connection) -> i64 {
    conn.query_row("PRAGMA user_version", (), |row| row.get(0)).expect("a schema")
}

/// What the fixture's first lines tell of Ana's secrets.
fn secret<'a>(dump: &'a str, kind: &str) -> &'a str {
    let line = dump.lines().find_map(|line| line.strip_prefix(&format!("-- ana: {kind} ")));
    line.expect("the fixture tells it")
}

#[tokio::test]
async fn every_earlier_schema_is_served_and_verified() {
    for n in 1..MIGRATIONS.len() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(database_of_schema(n, folder.path()));
        let server = Server::start(folder.path());
        let dump = if n < 4 { WRITTEN_BY_SCHEMA_1 } else { WRITTEN_BY_SCHEMA_4 };
        everything_is_there(&server.url, dump).await;
        server.terminate();
        for check in [["projections", "verify"], ["events", "verify"]] {
            let verified = run(folder.path(), &check);
            let said = String::from_utf8_lossy(&verified.stdout).into_owned();
            assert!(verified.status.success(), "schema {n}: {check:?}: {said} {verified:?}");
        }
        let conn = Connection::open(folder.path().join("siskin.db")).expect("the database");
        assert_eq!(schema(&conn), MIGRATIONS.len() as i64, "from schema {n}");
        let events: i64 = conn
            .query_row("SELECT max(position) FROM events", (), |row| row.get(0))
            .expect("events");
        assert_eq!(
            events as u64,
            EVENTS + 2,
            "a log-in and a tweet came after schema {n}'s events"
        );
    }
}

async fn everything_is_there(url: &str, dump: &str) {
    let client = Client::new();
    let read = |path: &str| client.get(format!("{url}{path}"));
    let tweets: Value =
        read("/api/v2/tweets?limit=100").send().await.unwrap().json().await.unwrap();
    let tweets = tweets["tweets_list"].as_array().expect("a list");
    assert_eq!(tweets.len(), TWEETS);
    let first = tweets.last().unwrap();
    assert_eq!(first["body"], "A siskin at the feeder 🐦‍⬛ — the first tweet.");
    let users: Value = read("/api/v1/users").send().await.unwrap().json().await.unwrap();
    let text = users.to_string();
    assert!(text.contains("Ben بن") && text.contains("Counts birds."), "{text}");
    assert!(!text.contains("gone"), "who left stays away: {text}");

    // What proves who somebody is.
    let bearer = secret(dump, "token");
    let cleo = users["user_list"].as_array().expect("people").iter();
    let cleo = cleo.clone().find(|user| user["username"] == "cleo").expect("Cleo");
    let page = read("/").header(header::COOKIE, secret(dump, "cookie")).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Ana 🐦 de la Cruz"), "the session is alive");
    let logged_in = client
        .post(format!("{url}/api/v1/tokens"))
        .json(&json!({ "username": "cleo", "password": "cleo counts siskins" }))
        .send()
        .await
        .unwrap();
    assert_eq!(logged_in.status(), StatusCode::CREATED, "the password is known");
    let posted = client
        .post(format!("{url}/api/v2/tweets"))
        .bearer_auth(bearer)
        .json(&json!({ "body": "after the upgrade" }))
        .send()
        .await
        .unwrap();
    assert_eq!(posted.status(), StatusCode::CREATED, "the token is alive");
    let acts = read("/api/v1/moderation/log").bearer_auth(bearer).send().await.unwrap();
    assert_eq!(acts.status(), StatusCode::OK, "Ana is still an admin");
    assert_eq!(cleo["tweets_count"].as_u64(), Some(15), "{cleo}");
}
