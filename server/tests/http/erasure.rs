//! A deleted account is erased everywhere: none of its words is left in what the store keeps.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::app::{App, Person, send};

/// Words that are nowhere else, for each thing that a person can type.
const WORDS: [&str; 9] = [
    "zyxusername",
    "zyxmail",
    "zyxname",
    "zyxbio",
    "zyxtweet",
    "zyxtoken",
    "zyxoldname",
    "zyxoldmail",
    "zyxdeleted",
];
const PASSWORD: &str = "zyxpassword of hers";

/// Somebody who leaves a word of each kind, and whose account has a history.
async fn leave_words(app: &App) -> Person {
    let me = json!({"username": "zyxusername", "email": "zyxoldmail@example.org",
        "password": PASSWORD, "name": "zyxoldname"});
    let user = app.post("/api/v1/users", &me).await.expect(201);
    let id = user["user"]["id"].as_u64().unwrap();
    let log_in = json!({"username": "zyxusername", "password": PASSWORD, "name": "zyxtoken"});
    let request = app.request(Method::POST, "/api/v1/tokens").json(&log_in);
    let request = request.header("user-agent", "zyxagent").header("idempotency-key", "zyxkey");
    let token = send(request).await.expect(201)["token"].as_str().unwrap().to_owned();
    let person = Person { id, username: "zyxusername".to_owned(), token };
    let change = json!({"email": "zyxmail@example.org", "name": "zyxname", "bio": "zyxbio"});
    app.put_as(&person, &format!("/api/v1/users/{id}"), &change).await.expect(200);
    app.tweet(&person, "zyxtweet that stays until the end").await;
    let gone = app.tweet(&person, "zyxdeleted before").await;
    app.delete_as(&person, &format!("/api/v2/tweets/{gone}"), None).await.expect(200);
    person
}

async fn found(app: &App, words: &[&'static str]) -> Vec<&'static str> {
    let bytes = app.bytes_in_store().await;
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    words.iter().copied().filter(|word| text.contains(word)).collect()
}

/// What the operator's upkeep does within the days after, and until when it must have done it.
async fn days_pass(app: &App) {
    for _ in 0..3 {
        app.clock.forward_ms(25 * 60 * 60 * 1000);
        let now = siskin_server::application::Clock::now(&*app.clock);
        app.services.store.sweep(now).await.unwrap();
    }
}

async fn nothing_is_left(app: &App) {
    days_pass(app).await;
    // A store erases what it can at once, and the rest as soon as nobody reads it: soon, but by no clock.
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let left = found(app, &[&WORDS[..], &["zyx"]].concat()).await;
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "left in the store: {left:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_an_account_that_was_deleted_on_the_page() {
    let app = App::start().await;
    let person = leave_words(&app).await;
    let cookie = app.cookie(&person).await;
    let form = [("username", "zyxusername"), ("current_password", PASSWORD)];
    let request = app.request(Method::POST, "/settings/account/delete").header("cookie", cookie);
    assert_eq!(send(request.form(&form)).await.status, 303);
    nothing_is_left(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_an_account_that_was_deleted() {
    let app = App::start().await;
    let ben = app.sign_up("benjamin").await;
    app.tweet(&ben, "benjamin stays").await;
    let person = leave_words(&app).await;
    let before = found(&app, &WORDS).await;
    for word in &WORDS[..7] {
        assert!(before.contains(word), "the test would see {word}: {before:?}");
    }
    let body = json!({"username": "zyxusername"});
    app.delete_as(&person, "/api/v1/users", Some(&body)).await.expect(200);
    nothing_is_left(&app).await;
    assert_eq!(found(&app, &["benjamin stays"]).await.len(), 1);
    assert!(app.services.store.verify_projections().await.unwrap().differences.is_empty());
}
