//! How long the start after an upgrade takes with 1,000,000 tweets, and what it costs to make the
//! projections anew meanwhile. Times things, so `make bench` runs it and `make test` does not.

use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use rusqlite::Connection;
use serde_json::json;

use crate::server::{Server, run};
use crate::{WRITTEN_BY_SCHEMA_1, database_of_schema, secret};

/// More tweets of Ana's, as an executable of schema 1 would have kept them.
const MANY: &str = "
    CREATE TEMP TABLE ana AS SELECT id FROM users WHERE username = 'ana';
    CREATE TEMP TABLE n (i INTEGER PRIMARY KEY);
    INSERT INTO n WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT i FROM n;
    CREATE TEMP TABLE last AS SELECT max(position) AS position, max(at) AS at FROM events;
    INSERT INTO events SELECT last.position + i, 'tweet-' || (400000000000000 + i), 1, 'TweetPosted', 1,
        last.at + i / 100, ana.id, json_object('author', ana.id),
        json_object('body', 'Tweet number ' || i || ' of very many, of an ordinary length for a tweet about birds.')
        FROM n, ana, last;
    INSERT INTO tweets SELECT 400000000000000 + i, ana.id,
        'Tweet number ' || i || ' of very many, of an ordinary length for a tweet about birds.', last.at + i / 100
        FROM n, ana, last;
    UPDATE users SET tweets_count = tweets_count + ?1 WHERE username = 'ana';";

#[tokio::test]
#[ignore = "takes a minute and times things: make bench"]
async fn no_start_waits_for_a_million_tweets() {
    let tweets: u64 = std::env::var("SISKIN_BENCH_TWEETS")
        .map_or(1_000_000, |text| text.replace([',', '_'], "").parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let conn = database_of_schema(1, folder.path());
    conn.execute_batch(&format!("BEGIN; {} COMMIT", MANY.replace("?1", &tweets.to_string())))
        .expect("many tweets");
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint");
    drop(conn);

    let begun = Instant::now();
    let server = Server::start(folder.path());
    let upgraded = begun.elapsed();
    println!("upgrade from schema 1 with {tweets} tweets: ready after {upgraded:?}");
    server.terminate();
    assert!(upgraded < Duration::from_secs(5), "{upgraded:?}");

    // As if this version's projections had another shape than the last one's.
    let conn = Connection::open(folder.path().join("siskin.db")).expect("the database");
    conn.execute_batch("UPDATE projected SET shape = 0; UPDATE users SET name = ''")
        .expect("an earlier shape");
    let begun = Instant::now();
    let server = Server::start(folder.path());
    let ready = begun.elapsed();
    let client = Client::new();
    let mut waits = Vec::new();
    let shape = || conn.query_row("SELECT shape FROM projected", (), |row| row.get::<_, i64>(0));
    while shape().expect("the mark is there") == 0 {
        let asked = Instant::now();
        let posted = client
            .post(format!("{}/api/v2/tweets", server.url))
            .bearer_auth(secret(WRITTEN_BY_SCHEMA_1, "token"))
            .json(&json!({ "body": "meanwhile" }))
            .send()
            .await
            .expect("an answer");
        assert_eq!(posted.status(), StatusCode::CREATED);
        waits.push(asked.elapsed());
    }
    let built = begun.elapsed();
    waits.sort_unstable();
    let (median, most) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    println!(
        "projections of an earlier shape: ready after {ready:?}, made anew after {built:?}; \
         {} tweets posted meanwhile, median {median:?}, longest {most:?}",
        waits.len()
    );
    assert!(ready < Duration::from_secs(5), "{ready:?}");
    server.terminate();
    let verified = run(folder.path(), &["projections", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
}
