//! A disk that takes its time to flush: writers share a flush, readers wait for none.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::disk::Field;
use crate::load::{client, sign_up};
use crate::place::{Place, get, ready, tweet};
use crate::wait::eventually;

/// So long that what a busy machine takes for all the rest is little beside it.
const FLUSH: Duration = Duration::from_secs(1);
const WRITERS: usize = 16;
const EACH: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn writers_share_a_slow_flush_and_readers_do_not_wait() {
    let place = Place::new();
    let server = std::sync::Arc::new(place.start());
    let (_, token) = sign_up(&server.url, "ana").await;
    tweet(&server, &token, "warm").await;
    place.disk.set(Field::FsyncMicros, FLUSH.as_micros() as i64);
    let begun = Instant::now();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (server, token) = (server.clone(), token.clone());
        writers.spawn(async move {
            for n in 0..EACH {
                tweet(&server, &token, &format!("{n} of {writer}")).await;
            }
        });
    }
    // One client, so that what is measured is the server.
    let (reader, list) = (client(), format!("{}/api/v2/tweets", server.url));
    let mut reads = Vec::new();
    loop {
        let begun = Instant::now();
        assert_eq!(reader.get(&list).send().await.unwrap().status(), 200);
        reads.push(begun.elapsed());
        if let Some(done) = writers.try_join_next() {
            done.unwrap();
            break;
        }
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    let took = begun.elapsed();
    let alone = FLUSH * (WRITERS * EACH) as u32;
    println!("{} tweets in {took:?}; one by one it would be {alone:?}", WRITERS * EACH);
    assert!(took >= FLUSH * EACH as u32, "each waits for a flush: {took:?}");
    assert!(took < alone / 3, "flushes are shared: {took:?}");
    reads.sort_unstable();
    let median = reads[reads.len() / 2];
    println!("{} reads meanwhile, half of them within {median:?}", reads.len());
    assert!(median < FLUSH / 2, "reads wait for no flush: {median:?}");
    assert_eq!(ready(&server).await.0, 200);
}

/// How long the flush takes that nobody waits for to its end: so much longer than the limit that even a
/// machine which stops for some seconds has answered before.
const ENDLESS: Duration = Duration::from_secs(40);

/// The limit of 30 s answers 503 `out_of_time`, which promises nothing; the key tells what came of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_flush_beyond_the_time_limit_is_out_of_time_and_the_key_tells() {
    let place = Place::new();
    let server = place.start();
    let (_, token) = sign_up(&server.url, "ana").await;
    tweet(&server, &token, "warm").await;
    let send = async || {
        let request = client().post(format!("{}/api/v2/tweets", server.url)).bearer_auth(&token);
        let request = request.header("idempotency-key", "once");
        request.json(&json!({ "body": "late" })).send().await.unwrap()
    };
    place.disk.set(Field::FsyncMicros, ENDLESS.as_micros() as i64);
    let begun = Instant::now();
    let late = send().await;
    assert_eq!(
        (late.status().as_u16(), &late.headers()["retry-after"]),
        (503, &"5".parse().unwrap())
    );
    assert_eq!(late.json::<Value>().await.unwrap()["code"], "out_of_time");
    // That it was the limit, and not the flush's end, is said by the answer; that the limit is no
    // shorter, by the clock. How much later than at the limit it comes is this machine's affair.
    let took = begun.elapsed();
    println!("answered after {took:?}");
    assert!(took >= Duration::from_secs(30) && took < ENDLESS, "{took:?}");
    assert_eq!(get(&server, "/api/v2/tweets").await.status(), 200);
    place.disk.set(Field::FsyncMicros, 0);
    let mut known = Value::Null;
    eventually("the key tells", async || {
        let answer = send().await;
        let done = answer.status() == 201;
        known = answer.json().await.unwrap();
        done
    })
    .await;
    let shown: Value = get(&server, "/api/v2/tweets").await.json().await.unwrap();
    let late: Vec<&Value> =
        shown["tweets_list"].as_array().unwrap().iter().filter(|t| t["body"] == "late").collect();
    assert_eq!(late.len(), 1, "{shown}");
    assert_eq!(late[0]["id"], known["tweet"]["id"]);
    server.terminate();
}
