//! `POST /api/v2/tweets`

use reqwest::Method;
use serde_json::json;

use crate::app::{App, send};

const PATH: &str = "/api/v2/tweets";

#[tokio::test]
async fn a_tweet_is_201_with_its_address_and_is_there() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let answer =
        app.post_as(&ana, PATH, &json!({"username": "Ana", "body": "  How you doing? "})).await;
    let body = answer.expect(201);
    assert_eq!(body["status"], "Success");
    let tweet = &body["tweet"];
    let id = tweet["id"].as_u64().unwrap();
    assert!(id < 1 << 53);
    let timestamp = tweet["timestamp"].as_str().unwrap();
    assert!(timestamp.len() == 24 && timestamp.ends_with('Z'));
    let whole = json!({"id": id, "tweetedby": "ana", "name": "ana", "body": "How you doing?",
                       "timestamp": timestamp});
    assert_eq!(*tweet, whole);
    assert_eq!(answer.header("location"), format!("{PATH}/{id}"));
    let seen = app.get(answer.header("location")).await.expect(200);
    assert_eq!(seen, json!({"tweet": [whole]}));
}

#[tokio::test]
async fn posting_without_a_session_is_401() {
    let app = App::start().await;
    let answer = app.post(PATH, &json!({"body": "x"})).await;
    answer.refused(401, "not_signed_in", None);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    // Who one is comes before what one says.
    app.post(PATH, &json!({})).await.refused(401, "not_signed_in", None);
    let plain = app.request(Method::POST, PATH).body("nonsense");
    send(plain).await.refused(401, "not_signed_in", None);
}

#[tokio::test]
async fn in_anothers_name_is_403_and_in_nobodys_404() {
    let app = App::start().await;
    let (ana, _) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let long = "x".repeat(281);
    for (username, body, status, code) in [
        ("ben", "x", 403, "not_you"),
        ("eve", "x", 404, "not_found"),
        ("!", "x", 404, "not_found"),
        // Whose it is comes before what it says.
        ("ben", &long, 403, "not_you"),
        ("eve", &long, 404, "not_found"),
    ] {
        let answer = app.post_as(&ana, PATH, &json!({"username": username, "body": body})).await;
        answer.refused(status, code, None);
    }
    assert_eq!(app.get(PATH).await.expect(200), json!({"tweets_list": []}));
}

#[tokio::test]
async fn a_body_keeps_the_rules() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.post_as(&ana, PATH, &json!({})).await.refused(400, "key_missing", Some("body"));
    app.post_as(&ana, PATH, &json!({"body": 1})).await.refused(400, "key_type_wrong", Some("body"));
    let answer = app.post_as(&ana, PATH, &json!({"body": "x", "username": 1})).await;
    answer.refused(400, "key_type_wrong", Some("username"));
    for (body, code) in [
        ("", "body_empty"),
        (" \n ", "body_empty"),
        (&"x".repeat(281), "body_too_long"),
        ("a\u{0}b", "body_invalid"),
    ] {
        app.post_as(&ana, PATH, &json!({"body": body})).await.refused(422, code, Some("body"));
    }
    app.post_as(&ana, PATH, &json!({"body": "👍".repeat(280), "username": null})).await.expect(201);
}

#[tokio::test]
async fn the_operator_sets_the_limit() {
    let app = App::start_with(|rules| rules.tweet_max_chars = 5).await;
    let ana = app.sign_up("ana").await;
    app.post_as(&ana, PATH, &json!({"body": "12345"})).await.expect(201);
    app.post_as(&ana, PATH, &json!({"body": "123456"})).await.refused(
        422,
        "body_too_long",
        Some("body"),
    );
}

#[tokio::test]
async fn what_is_said_comes_back_as_it_was_said() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    for body in [
        "<script>alert(1)</script>",
        "'; DROP TABLE tweets; --",
        "日本語 עברית 👩‍👩‍👧",
        "a\nb\tc",
        "\\u0000 %00 {{x}}",
    ] {
        let id = app.tweet(&ana, body).await;
        let seen = app.get(&format!("{PATH}/{id}")).await.expect(200);
        assert_eq!(seen["tweet"][0]["body"], body);
    }
}

#[tokio::test]
async fn tweets_posted_at_once_are_all_there_in_one_order() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let posts = (0..100).map(|n| {
        let (app, ana) = (&app, &ana);
        async move { app.tweet(ana, &n.to_string()).await }
    });
    let mut ids = futures::future::join_all(posts).await;
    let list = app.get(&format!("{PATH}?limit=100")).await.expect(200);
    let seen: Vec<u64> =
        list["tweets_list"].as_array().unwrap().iter().map(|t| t["id"].as_u64().unwrap()).collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(seen, ids);
}
