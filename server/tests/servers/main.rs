//! Three real servers on one database, as people behind a load balancer meet them.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "../support/load.rs"]
mod load;
#[path = "../support/log.rs"]
mod log;
#[path = "../support/mongodb.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod mongodb;
#[path = "../support/stream.rs"]
mod stream;
#[path = "../support/wait.rs"]
mod wait;

mod balancer;
mod haproxy;
mod rolling;
mod server;

use std::collections::BTreeSet;

use load::{Load, client, log_in, sign_up};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use server::Server;
use stream::Reader;
use wait::eventually;

const TWEETS: &str = "/api/v2/tweets";

/// Three servers on a new database.
fn three() -> (String, [Server; 3]) {
    let database = mongodb::database();
    let servers = tokio::task::block_in_place(|| Server::three(&database));
    (database, servers)
}

/// Asks a server, as the owner of a token.
async fn ask(method: Method, url: &str, token: &str, body: Value) -> Response {
    let request = client().request(method, url).bearer_auth(token);
    let request = if body.is_null() { request } else { request.json(&body) };
    request.send().await.unwrap()
}

async fn tweet(url: &str, token: &str, body: &str) -> u64 {
    let answer = ask(Method::POST, &format!("{url}{TWEETS}"), token, json!({"body": body})).await;
    assert_eq!(answer.status(), 201);
    let answer: Value = answer.json().await.unwrap();
    answer["tweet"]["id"].as_u64().unwrap()
}

async fn status(url: &str, token: &str) -> u16 {
    ask(Method::GET, url, token, Value::Null).await.status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_leads_through_all_servers() {
    let (_, servers) = three();
    let addresses = servers.iter().map(|s| s.url["http://".len()..].parse().unwrap());
    let url = balancer::before(addresses.collect()).await;
    // Every request is a connection of its own, so each goes to the next server.
    let (ana, token) = sign_up(&url, "ana").await;
    let id = tweet(&url, &token, "from one of three").await;
    let this = format!("{url}{TWEETS}/{id}");
    for _ in 0..3 {
        eventually("it is everywhere", async || status(&this, &token).await == 200).await;
    }
    for server in &servers {
        let profile = format!("{}/api/v1/users/{ana}", server.url);
        eventually("it is counted", async || {
            let user = ask(Method::GET, &profile, &token, Value::Null).await;
            user.json::<Value>().await.unwrap()["user_details"][0]["tweets_count"] == 1
        })
        .await;
    }
    let deleted = ask(Method::DELETE, &this, &token, Value::Null).await.status();
    assert!(deleted.is_success(), "{deleted}");
    for server in &servers {
        let this = format!("{}{TWEETS}/{id}", server.url);
        eventually("it is gone everywhere", async || status(&this, &token).await == 404).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_at_one_server_has_what_all_write() {
    let (database, servers) = three();
    let [a, b, c] = &servers;
    let (_, token) = sign_up(&a.url, "ana").await;
    let at_b = Reader::begin(&b.url, None).await;
    tweet(&a.url, &token, "posted at a").await;
    eventually("it is seen at b", async || at_b.seen().len() == 1).await;
    let load = Load::begin(&[a.url.clone(), b.url.clone()], &token);
    eventually("both write", async || at_b.seen().len() >= 20).await;
    // Somebody loses their connection to b, and comes back at c while a and b write.
    let last = at_b.seen();
    drop(at_b);
    let at_c = Reader::begin(&c.url, last.last().copied()).await;
    eventually("both write on", async || at_c.seen().len() >= 20).await;
    let mut told = load.end().await;
    told.sent.insert("posted at a".to_owned());
    let there: Vec<u64> = log::check(&database, &told).await.into_iter().map(|p| p.0).collect();
    let all = async || last.len() + at_c.seen().len() >= there.len();
    eventually("the rest is seen at c", all).await;
    assert_eq!([last.clone(), at_c.seen()].concat(), there, "all once, and in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_at_one_server_ends_at_all() {
    let (_, [a, b, c]) = three();
    sign_up(&a.url, "ana").await;
    let token = log_in(&a.url, "ana").await;
    for server in [&a, &b, &c] {
        tweet(&server.url, &token, "signed in").await;
    }
    let this = format!("{}/api/v1/tokens/current", a.url);
    assert_eq!(ask(Method::DELETE, &this, &token, Value::Null).await.status(), 200);
    for server in [&a, &b, &c] {
        let url = format!("{}{TWEETS}", server.url);
        eventually("it is refused", async || {
            let post = ask(Method::POST, &url, &token, json!({"body": "too late"})).await;
            post.status() == 401
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_at_three_servers_at_once_does_the_work_once() {
    let (database, servers) = three();
    let (_, token) = sign_up(&servers[0].url, "ana").await;
    let mut told = load::Told::default();
    for round in 0..5 {
        let body = format!("once, round {round}");
        let post = async |server: &Server| {
            let request = client().post(format!("{}{TWEETS}", server.url)).bearer_auth(&token);
            let request = request.header("idempotency-key", format!("round-{round}"));
            let answer = request.json(&json!({ "body": body })).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        let [a, b, c] = &servers;
        let (a, b, c) = tokio::join!(post(a), post(b), post(c));
        assert_eq!(a.0, 201, "{}", a.1);
        assert_eq!((&b, &c), (&a, &a), "all have the same answer");
        let answer: Value = serde_json::from_str(&a.1).unwrap();
        told.acknowledged.insert(answer["tweet"]["id"].as_u64().unwrap(), body.clone());
        told.sent.insert(body);
    }
    assert_eq!(log::check(&database, &told).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_given_once() {
    let (_, servers) = three();
    let register = async |server: &Server, n: usize| {
        let body = json!({
            "username": "ana", "email": format!("ana{n}@example.org"), "password": "long enough 1",
        });
        let request = client().post(format!("{}/api/v1/users", server.url)).json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    let [a, b, c] = &servers;
    let (a, b, c) = tokio::join!(register(a, 1), register(b, 2), register(c, 3));
    let mut answers = [a, b, c];
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_go_on_when_one_is_killed() {
    let (database, mut servers) = three();
    let (_, token) = sign_up(&servers[0].url, "ana").await;
    let urls: Vec<String> = servers.iter().map(|server| server.url.clone()).collect();
    let reader = Reader::begin(&urls[1], None).await;
    let load = Load::begin(&urls, &token);
    eventually("all write", async || load.acknowledged() >= 20).await;
    servers[0].kill();
    let now = load.acknowledged();
    eventually("the others write", async || load.acknowledged() >= now + 20).await;
    let told = load.end().await;
    let ids: BTreeSet<u64> = told.acknowledged.keys().copied().collect();
    assert_eq!(ids.len(), told.acknowledged.len());
    let there: Vec<u64> = log::check(&database, &told).await.into_iter().map(|p| p.0).collect();
    eventually("the stream has all", async || reader.seen().len() >= there.len()).await;
    assert_eq!(reader.seen(), there);
}
