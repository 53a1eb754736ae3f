//! A cookie never authenticates a write from another origin.

use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, App, Person, send};

async fn post(app: &App, cookie: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = app.request(Method::POST, "/api/v2/tweets").header("cookie", cookie);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request.json(&json!({"body": "x"}))).await
}

#[tokio::test]
async fn a_cookie_counts_for_our_own_pages() {
    let app = App::start_with(|rules| rules.public_url = "https://siskin.example".to_owned()).await;
    let ana = app.sign_up("ana").await;
    let (cookie, own) = (app.cookie(&ana).await, app.address.clone());
    for headers in [
        &[][..],
        &[("sec-fetch-site", "same-origin"), ("origin", &own)],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://siskin.example")],
    ] {
        post(&app, &cookie, headers).await.expect(201);
    }
}

#[tokio::test]
async fn and_not_for_others() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
    ] {
        post(&app, &cookie, headers).await.refused(403, "cross_origin", None);
    }
    let evil = ("origin", "https://evil.example");
    for (method, path) in [
        (Method::PUT, format!("/api/v1/users/{}", ana.id)),
        (Method::DELETE, "/api/v1/users".to_owned()),
        (Method::DELETE, "/api/v2/tweets/1".to_owned()),
    ] {
        let request = app.request(method, &path).header("cookie", &cookie).header(evil.0, evil.1);
        send(request.json(&json!({"username": "ana"}))).await.refused(403, "cross_origin", None);
    }
    assert_eq!(app.get("/api/v2/tweets").await.expect(200), json!({"tweets_list": []}));
}

#[tokio::test]
async fn a_token_counts_from_anywhere_and_wins_over_a_cookie() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let cookie = app.cookie(&ana).await;
    let bearer = format!("Bearer {}", ben.token);
    let headers = [("origin", "https://friend.example"), ("authorization", bearer.as_str())];
    let tweet = post(&app, &cookie, &headers).await.expect(201);
    assert_eq!(tweet["tweet"]["tweetedby"], "ben");
    post(&app, &cookie, &[("authorization", "Bearer sk_x")]).await.refused(
        401,
        "token_invalid",
        None,
    );
}

#[tokio::test]
async fn reading_by_cookie_is_fine_from_anywhere() {
    let app = App::start().await;
    let ana: Person = app.sign_up("ana").await;
    let request = app
        .request(Method::GET, "/api/v1/users")
        .header("cookie", app.cookie(&ana).await)
        .header("sec-fetch-site", "cross-site");
    send(request).await.expect(200);
}

#[tokio::test]
async fn under_https_only_the_host_cookie_counts() {
    let app = App::start_with(|rules| rules.secure_cookies = true).await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    post(&app, &cookie, &[]).await.refused(401, "not_signed_in", None);
    let cookie = cookie.replace("siskin_session", "__Host-siskin_session");
    post(&app, &cookie, &[]).await.expect(201);
}
