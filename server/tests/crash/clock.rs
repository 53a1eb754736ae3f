//! The wall clock is set while people are there: an hour back, a day forward, and back again.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};

use crate::disk::Field;
use crate::load::{Load, client, log_in, sign_up};
use crate::place::{Place, get, post, tweet};
use crate::server::Server;
use crate::wait::eventually;

const HOUR: i64 = 3_600_000;

async fn try_to_log_in(server: &Server, username: &str, password: &str) -> Response {
    let body = json!({ "username": username, "password": password });
    client().post(format!("{}/api/v1/tokens", server.url)).json(&body).send().await.unwrap()
}

/// Tweets go on at a pace, whatever the clock says.
async fn goes_on(load: &Load) {
    let before = load.acknowledged();
    eventually("all write", async || load.acknowledged() >= before + 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_and_sessions_outlive_a_clock_that_jumps() {
    let place = Place::new();
    let server = place.start();
    let (_, token) = sign_up(&server.url, "ana").await;
    let body =
        json!({ "username": "ana", "password": "correct horse battery", "expires_in_days": 1 });
    let short = client().post(format!("{}/api/v1/tokens", server.url)).json(&body);
    let short: Value = short.send().await.unwrap().json().await.unwrap();
    let short = short["token"].as_str().unwrap().to_owned();
    let load = Load::begin(std::slice::from_ref(&server.url), &token);
    let mut ids = vec![tweet(&server, &token, "now").await];
    goes_on(&load).await;
    for (name, jump) in [
        ("an hour back", -HOUR),
        ("as it should be", 0),
        ("half a day on", 12 * HOUR),
        ("an hour back again", -HOUR),
    ] {
        place.disk.set(Field::ClockMillis, jump);
        ids.push(tweet(&server, &token, name).await);
        goes_on(&load).await;
        assert_eq!(post(&server, &short, "still signed in").await.status(), 201, "{name}");
    }
    place.disk.set(Field::ClockMillis, 25 * HOUR);
    ids.push(tweet(&server, &token, "a day on").await);
    goes_on(&load).await;
    let expired = async || post(&server, &short, "no more").await.status() == 401;
    eventually("a session of a day has expired", expired).await;
    place.disk.set(Field::ClockMillis, 0);
    ids.push(tweet(&server, &token, "and back").await);
    goes_on(&load).await;
    assert_eq!(load.refused(), 0, "nobody noticed");
    assert!(ids.is_sorted(), "ids grow, whatever the clock says: {ids:?}");
    let told = load.end().await;
    let newest: Value = get(&server, "/api/v2/tweets?limit=1").await.json().await.unwrap();
    assert!(newest["tweets_list"][0]["id"].as_u64() >= ids.last().copied());
    assert!(!server.has_said("panicked"));
    server.terminate();
    let store = siskin_server::storage::SqliteStore::open(&place.database()).unwrap();
    let scene = siskin_server::storage::contract::scene::Scene::new(std::sync::Arc::new(store));
    scene.sound().await;
    assert!(scene.log().await.len() > told.acknowledged.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_locks_nobody_out() {
    let place = Place::new();
    let server = place.start_with(&[("SISKIN_THROTTLE", "on")]);
    sign_up(&server.url, "ana").await;
    let mut wrong = 0;
    loop {
        let answer = try_to_log_in(&server, "ana", "guessed").await;
        match answer.status().as_u16() {
            401 => wrong += 1,
            429 => break,
            other => panic!("{other}"),
        }
        assert!(wrong <= 20, "the throttle is on");
    }
    place.disk.set(Field::ClockMillis, -HOUR);
    log_in(&server.url, "ana").await;
    // And still nobody may guess for ever.
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(try_to_log_in(&server, "ana", "guessed").await);
    }
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status() == 429).collect();
    assert!(refused.len() >= 10, "{} of 20", refused.len());
    for answer in refused {
        let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!(Duration::from_secs(wait) <= Duration::from_secs(100), "{wait} s");
    }
}
