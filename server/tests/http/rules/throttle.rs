//! Throttles.

use serde_json::json;

use crate::app::{App, PASSWORD};

async fn throttled() -> App {
    App::start_with(|rules| rules.throttle = true).await
}

#[tokio::test]
async fn guessing_a_password_is_429_after_a_while_and_works_again_later() {
    let app = throttled().await;
    let ana = app.sign_up("ana").await;
    let wrong = json!({"username": "ana", "password": "wrong password"});
    let right = json!({"username": "ana", "password": PASSWORD});
    for _ in 0..10 {
        app.post("/api/v1/tokens", &wrong).await.refused(401, "bad_credentials", None);
    }
    let refused = app.post("/api/v1/tokens", &wrong).await;
    refused.refused(429, "throttled", None);
    assert!((1..=10).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    app.post("/api/v1/tokens", &right).await.refused(429, "throttled", None);
    // Who is signed in stays so, and others log in.
    app.get_as(&ana, "/api/v1/users").await.expect(200);
    app.sign_up("ben").await;
    app.clock.forward_ms(10_000);
    app.post("/api/v1/tokens", &right).await.expect(201);
}

#[tokio::test]
async fn logging_in_rightly_is_never_too_often() {
    let app = throttled().await;
    app.sign_up("ana").await;
    for _ in 0..30 {
        app.log_in("ana").await;
    }
}

#[tokio::test]
async fn sign_ups_of_one_address_are_limited() {
    let app = throttled().await;
    // The name is taken, so that no hash is made; each attempt counts.
    app.sign_up("ana").await;
    let body = json!({"username": "ana", "email": "a@example.org", "password": PASSWORD});
    for _ in 1..150 {
        app.post("/api/v1/users", &body).await.refused(409, "username_taken", Some("username"));
    }
    let refused = app.post("/api/v1/users", &body).await;
    refused.refused(429, "throttled", None);
    assert!(refused.has("retry-after"));
}

#[tokio::test]
async fn a_session_is_no_way_to_guess_the_password() {
    let app = throttled().await;
    let ana = app.sign_up("ana").await;
    let path = format!("/api/v1/users/{}", ana.id);
    let wrong = json!({"password": "another password", "current_password": "wrong one"});
    for _ in 0..10 {
        let answer = app.put_as(&ana, &path, &wrong).await;
        answer.refused(422, "current_password_wrong", Some("current_password"));
    }
    app.put_as(&ana, &path, &wrong).await.refused(429, "throttled", None);
}
