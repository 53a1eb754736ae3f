//! Addresses: both slashes, 404, 405.

use reqwest::Method;
use serde_json::json;

use crate::app::{App, send};

#[tokio::test]
async fn with_and_without_a_slash_the_same_answers() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let tweet = app.tweet(&ana, "x").await;
    for path in [
        "/api/v1/info".to_owned(),
        "/api/v1/users".to_owned(),
        format!("/api/v1/users/{}", ana.id),
        "/api/v2/tweets".to_owned(),
        format!("/api/v2/tweets/{tweet}"),
        "/api/v2/tweets/ana".to_owned(),
        "/api/openapi.json".to_owned(),
        "/api/docs".to_owned(),
    ] {
        let (without, with) = (app.get(&path).await, app.get(&format!("{path}/")).await);
        assert_eq!((without.status, &without.text), (200, &with.text), "{path}");
    }
    let with_query = app.get("/api/v2/tweets/?limit=0").await;
    with_query.refused(422, "limit_invalid", Some("limit"));
    let posted = app.post_as(&ana, "/api/v2/tweets/", &json!({"body": "y"})).await;
    posted.expect(201);
    let body = json!({"username": "ben", "email": "ben@example.org", "password": "long enough"});
    app.post("/api/v1/users/", &body).await.expect(201);
    app.put_as(&ana, &format!("/api/v1/users/{}/", ana.id), &json!({"bio": "z"})).await.expect(200);
    app.delete_as(&ana, &format!("/api/v2/tweets/{tweet}/"), None).await.expect(200);
    app.delete_as(&ana, "/api/v1/tokens/current/", None).await.expect(200);
}

#[tokio::test]
async fn an_unknown_address_is_404_in_json() {
    let app = App::start().await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v3/tweets",
        "/api/v1/users/1/x",
        "/api/v2/tweets//",
        "/api//",
    ] {
        app.get(path).await.refused(404, "not_found", None);
    }
    app.post("/api/nowhere", &json!({})).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn an_unknown_method_is_405_with_allow() {
    let app = App::start().await;
    for (method, path, allowed) in [
        (Method::PUT, "/api/v1/users", "POST"),
        (Method::POST, "/api/v1/info", "GET"),
        (Method::POST, "/api/v1/users/1", "PUT"),
        (Method::GET, "/api/v1/tokens", "POST"),
        (Method::PATCH, "/api/v2/tweets/", "GET"),
        (Method::PUT, "/api/v2/tweets/1", "DELETE"),
        (Method::DELETE, "/api/v2/stream", "GET"),
        (Method::POST, "/api/docs", "GET"),
    ] {
        let answer = send(app.request(method, path)).await;
        answer.refused(405, "method_not_allowed", None);
        assert!(answer.header("allow").contains(allowed), "{path} {}", answer.header("allow"));
    }
}
