//! `Idempotency-Key`

use reqwest::Method;
use serde_json::{Value, json};
use siskin_domain::Role;

use crate::app::{Answer, App, PASSWORD, Person, send};

const TWEETS: &str = "/api/v2/tweets";

async fn post(app: &App, who: Option<&Person>, path: &str, key: &str, body: &Value) -> Answer {
    let mut request = app.request(Method::POST, path).header("idempotency-key", key).json(body);
    if let Some(who) = who {
        request = request.bearer_auth(&who.token);
    }
    send(request).await
}

async fn count(app: &App) -> usize {
    app.get("/api/v2/tweets?limit=100").await.expect(200)["tweets_list"].as_array().unwrap().len()
}

#[track_caller]
fn same(first: &Answer, again: &Answer) {
    assert_eq!((first.status, &first.text), (again.status, &again.text));
    for name in ["content-type", "location"] {
        assert_eq!(first.header(name), again.header(name));
    }
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        ("", "true")
    );
}

#[tokio::test]
async fn a_repeated_tweet_is_answered_again_and_posted_once() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let body = json!({"body": "once"});
    let first = post(&app, Some(&ana), TWEETS, "key-1", &body).await;
    first.expect(201);
    same(&first, &post(&app, Some(&ana), TWEETS, "key-1", &body).await);
    same(&first, &post(&app, Some(&ana), "/api/v2/tweets/", "key-1", &body).await);
    assert_eq!(count(&app).await, 1);
    post(&app, Some(&ana), TWEETS, "key-2", &body).await.expect(201);
    assert_eq!(count(&app).await, 2);
}

#[tokio::test]
async fn repeated_at_once_it_is_posted_once() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let body = json!({"body": "once"});
    let posts = (0..20).map(|_| post(&app, Some(&ana), TWEETS, "key", &body));
    let answers = futures::future::join_all(posts).await;
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.text == answers[0].text));
    assert_eq!(answers.iter().filter(|answer| !answer.has("idempotency-replayed")).count(), 1);
    assert_eq!(count(&app).await, 1);
}

#[tokio::test]
async fn a_repeated_report_is_filed_once_and_resolved_once() {
    const REPORTS: &str = "/api/v1/reports";
    let app = App::start().await;
    let (ana, mia) = (app.sign_up("ana").await, app.sign_up("mia").await);
    app.sign_up("eve").await;
    app.promote(&mia, Role::Moderator).await;
    let body = json!({"username": "eve", "reason": "Sells things."});
    let first = post(&app, Some(&ana), REPORTS, "key", &body).await;
    let id = first.expect(201)["id"].clone();
    same(&first, &post(&app, Some(&ana), REPORTS, "key", &body).await);
    let other = json!({"username": "eve", "reason": "Sells other things."});
    let other = post(&app, Some(&ana), REPORTS, "key", &other).await;
    other.refused(422, "idempotency_key_reused", Some("Idempotency-Key"));
    let open = app.get_as(&mia, "/api/v1/moderation/reports").await.expect(200);
    assert_eq!(open["report_list"].as_array().unwrap().len(), 1, "{open}");

    let path = format!("/api/v1/moderation/reports/{id}/resolve");
    let done = json!({"reason": "Warned."});
    let first = post(&app, Some(&mia), &path, "key", &done).await;
    first.expect(200);
    same(&first, &post(&app, Some(&mia), &path, "key", &done).await);
    let other = post(&app, Some(&mia), &path, "key", &json!({})).await;
    other.refused(422, "idempotency_key_reused", Some("Idempotency-Key"));
}

#[tokio::test]
async fn a_restart_forgets_no_answer() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let body = json!({"body": "once"});
    let first = post(&app, Some(&ana), TWEETS, "key", &body).await;
    let app = app.restart().await;
    same(&first, &post(&app, Some(&ana), TWEETS, "key", &body).await);
    assert_eq!(count(&app).await, 1);
}

#[tokio::test]
async fn another_body_or_address_under_the_same_key_is_422() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    post(&app, Some(&ana), TWEETS, "key", &json!({"body": "one"})).await.expect(201);
    let other = post(&app, Some(&ana), TWEETS, "key", &json!({"body": "two"})).await;
    other.refused(422, "idempotency_key_reused", Some("Idempotency-Key"));
    assert_eq!(count(&app).await, 1);
    let new = json!({"username": "eve", "email": "eve@example.org", "password": PASSWORD});
    post(&app, None, "/api/v1/users", "key", &new).await.expect(201);
    let log_in = json!({"username": "eve", "password": PASSWORD});
    let other = post(&app, None, "/api/v1/tokens", "key", &log_in).await;
    other.refused(422, "idempotency_key_reused", Some("Idempotency-Key"));
}

#[tokio::test]
async fn keys_belong_to_their_caller() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let body = json!({"body": "mine"});
    post(&app, Some(&ana), TWEETS, "key", &body).await.expect(201);
    let bens = post(&app, Some(&ben), TWEETS, "key", &body).await;
    assert_eq!(bens.expect(201)["tweet"]["tweetedby"], "ben");
    assert_eq!(count(&app).await, 2);
}

#[tokio::test]
async fn a_sign_up_and_a_log_in_are_answered_again() {
    let app = App::start().await;
    let new = json!({"username": "ana", "email": "ana@example.org", "password": PASSWORD});
    let first = post(&app, None, "/api/v1/users", "a", &new).await;
    first.expect(201);
    same(&first, &post(&app, None, "/api/v1/users", "a", &new).await);
    let log_in = json!({"username": "ana", "password": PASSWORD});
    let first = post(&app, None, "/api/v1/tokens", "b", &log_in).await;
    let token = first.expect(201)["token"].as_str().unwrap().to_owned();
    same(&first, &post(&app, None, "/api/v1/tokens", "b", &log_in).await);
    // What is kept can't be read from the store.
    let disk = app.bytes_in_store().await;
    assert!(!disk.windows(token.len()).any(|w| w == token.as_bytes()));
}

#[tokio::test]
async fn a_refusal_is_answered_again_but_a_wrong_password_may_be_tried_again() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let empty = json!({"body": ""});
    let first = post(&app, Some(&ana), TWEETS, "a", &empty).await;
    first.refused(422, "body_empty", Some("body"));
    same(&first, &post(&app, Some(&ana), TWEETS, "a", &empty).await);
    let eve = json!({"username": "eve", "password": PASSWORD});
    post(&app, None, "/api/v1/tokens", "b", &eve).await.refused(401, "bad_credentials", None);
    app.sign_up("eve").await;
    post(&app, None, "/api/v1/tokens", "b", &eve).await.expect(201);
}

#[tokio::test]
async fn after_a_day_a_key_is_new() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let body = json!({"body": "once"});
    post(&app, Some(&ana), TWEETS, "key", &body).await.expect(201);
    app.clock.forward_ms(24 * 60 * 60 * 1000 + 1000);
    let later = post(&app, Some(&ana), TWEETS, "key", &body).await;
    later.expect(201);
    assert!(!later.has("idempotency-replayed"));
    // It is kept anew.
    let again = post(&app, Some(&ana), TWEETS, "key", &body).await;
    same(&later, &again);
}

#[tokio::test]
async fn a_key_has_1_to_255_visible_characters() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let body = json!({"body": "x"});
    for key in ["", "a b", &"k".repeat(256)] {
        let answer = post(&app, Some(&ana), TWEETS, key, &body).await;
        answer.refused(422, "idempotency_key_invalid", Some("Idempotency-Key"));
    }
    post(&app, Some(&ana), TWEETS, &"k".repeat(255), &body).await.expect(201);
}

#[tokio::test]
async fn who_is_gone_takes_their_answers_along() {
    let app = App::start().await;
    let new = json!({"username": "ana", "email": "ana@example.org", "password": PASSWORD});
    post(&app, None, "/api/v1/users", "key", &new).await.expect(201);
    let ana = Person { id: 0, username: "ana".to_owned(), token: app.log_in("ana").await };
    app.delete_as(&ana, "/api/v1/users", Some(&json!({"username": "ana"}))).await.expect(200);
    let again = post(&app, None, "/api/v1/users", "key", &new).await;
    again.expect(201);
    assert!(!again.has("idempotency-replayed"));
}
