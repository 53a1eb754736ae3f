//! Whose address is counted.

use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, App, PASSWORD, send};

async fn behind(proxies: &[&str]) -> App {
    let trusted: Vec<_> = proxies.iter().map(|text| text.parse().unwrap()).collect();
    App::start_with(|rules| {
        rules.throttle = true;
        rules.trusted_proxies = trusted;
    })
    .await
}

async fn guess(app: &App, forwarded: &str) -> Answer {
    let body = json!({"username": "ana", "password": "wrong password"});
    let request = app.request(Method::POST, "/api/v1/tokens").json(&body);
    send(request.header("x-forwarded-for", forwarded)).await
}

async fn guess_by_form(app: &App, forwarded: &str) -> Answer {
    let fields = [("username", "ana"), ("password", "wrong password")];
    let request = app.request(Method::POST, "/login").form(&fields);
    let request = request.header("accept", "application/json");
    send(request.header("x-forwarded-for", forwarded)).await
}

#[tokio::test]
async fn without_a_declared_proxy_a_forged_address_gains_nothing() {
    let app = behind(&["10.0.0.0/8"]).await;
    for n in 0..10 {
        assert_eq!(guess(&app, &format!("198.51.100.{n}")).await.status, 401);
    }
    guess(&app, "198.51.100.99").await.refused(429, "throttled", None);
    assert_eq!(guess_by_form(&app, "198.51.100.99").await.status, 429);
}

#[tokio::test]
async fn behind_a_declared_proxy_what_it_saw_counts() {
    let app = behind(&["127.0.0.1/32", "10.0.0.0/8"]).await;
    for n in 0..10 {
        // What the client wrote itself differs each time; what the proxies saw does not.
        let forwarded = format!("203.0.113.{n}, 198.51.100.1, 10.0.0.9");
        assert_eq!(guess(&app, &forwarded).await.status, 401);
    }
    guess(&app, "203.0.113.99, 198.51.100.1").await.refused(429, "throttled", None);
    assert_eq!(guess_by_form(&app, "198.51.100.1").await.status, 429);
    // Somebody else behind the same proxy has a count of their own.
    assert_eq!(guess(&app, "198.51.100.2").await.status, 401);
}

#[tokio::test]
async fn an_ipv6_customer_is_counted_as_one() {
    let app = behind(&["127.0.0.1/32"]).await;
    for n in 0..10 {
        assert_eq!(guess(&app, &format!("2001:db8::{n}")).await.status, 401);
    }
    guess(&app, "2001:db8::ffff").await.refused(429, "throttled", None);
    assert_eq!(guess(&app, "2001:db8:0:1::1").await.status, 401);
}

#[tokio::test]
async fn streams_are_counted_by_the_same_address() {
    let app = behind(&["127.0.0.1/32"]).await;
    let open = |forwarded: String| {
        let request = app.request(Method::GET, "/api/v2/stream");
        async move { request.header("x-forwarded-for", forwarded).send().await.unwrap() }
    };
    let mut streams = Vec::new();
    for n in 0..50 {
        streams.push(open(format!("2001:db8::{n}")).await);
    }
    assert!(streams.iter().all(|stream| stream.status() == 200));
    assert_eq!(open("2001:db8::ffff".to_owned()).await.status(), 429);
    assert_eq!(open("198.51.100.1".to_owned()).await.status(), 200);
}

#[tokio::test]
async fn a_right_password_works_behind_a_proxy() {
    let app = behind(&["127.0.0.1/32"]).await;
    app.sign_up("ana").await;
    let body = json!({"username": "ana", "password": PASSWORD});
    let request = app.request(Method::POST, "/api/v1/tokens").json(&body);
    assert_eq!(send(request.header("x-forwarded-for", "garbage")).await.status, 201);
}
