//! Bodies that can't be read.

use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, App, Person, send};

const PATH: &str = "/api/v2/tweets";

async fn post(
    app: &App,
    who: &Person,
    kind: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> Answer {
    let mut request = app.request(Method::POST, PATH).bearer_auth(&who.token).body(body);
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    send(request).await
}

#[tokio::test]
async fn what_is_not_a_json_object_is_400() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let deep = format!("{{\"body\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        &b""[..],
        b"{",
        b"nonsense",
        b"[]",
        b"\"body\"",
        b"null",
        b"{\"body\":\"\xff\"}",
        b"{\"body\":\"\\ud800\"}",
        b"{\"body\":\"a\"} x",
        deep.as_bytes(),
        b"\xef\xbb\xbf{}",
    ] {
        let answer = post(&app, &ana, Some("application/json"), body.to_vec()).await;
        answer.refused(400, "json_invalid", None);
    }
    post(&app, &ana, None, "").await.refused(400, "json_invalid", None);
}

#[tokio::test]
async fn odd_but_sound_json_is_read() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    for (kind, body) in [
        ("application/json", r#"{"body":"first","body":"second"}"#),
        ("application/json; charset=utf-8", r#" {"body":"second","x":[[[{}]]],"n":1e999} "#),
        ("application/vnd.api+json", r#"{"\u0062ody":"second"}"#),
    ] {
        if body.contains("1e999") {
            // A number beyond a double is none that can be read.
            post(&app, &ana, Some(kind), body).await.refused(400, "json_invalid", None);
            continue;
        }
        let tweet = post(&app, &ana, Some(kind), body).await.expect(201);
        assert_eq!(tweet["tweet"]["body"], "second");
    }
}

#[tokio::test]
async fn other_media_types_are_415() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    for kind in [
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data"),
        None,
    ] {
        let answer = post(&app, &ana, kind, r#"{"body":"x"}"#).await;
        answer.refused(415, "unsupported_media_type", None);
    }
    for (method, path) in [
        (Method::POST, "/api/v1/users".to_owned()),
        (Method::POST, "/api/v1/tokens".to_owned()),
        (Method::PUT, format!("/api/v1/users/{}", ana.id)),
        (Method::DELETE, "/api/v1/users".to_owned()),
    ] {
        let request = app.request(method, &path).bearer_auth(&ana.token);
        let answer = send(request.header("content-type", "text/plain").body("{}")).await;
        answer.refused(415, "unsupported_media_type", None);
    }
}

#[tokio::test]
async fn more_than_a_mebibyte_is_413() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let body = |length: usize| {
        let mut body = b"{\"body\":\"x\",\"rest\":\"".to_vec();
        body.resize(length - 2, b'x');
        body.extend(b"\"}");
        body
    };
    post(&app, &ana, Some("application/json"), body(1 << 20)).await.expect(201);
    let whole = post(&app, &ana, Some("application/json"), body((1 << 20) + 1)).await;
    whole.refused(413, "payload_too_large", None);
    // The same without a declared length.
    let chunks = body((1 << 20) + 1)
        .chunks(64 * 1024)
        .map(|c| Ok::<_, std::io::Error>(c.to_vec()))
        .collect::<Vec<_>>();
    let stream = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    let chunked = post(&app, &ana, Some("application/json"), stream).await;
    chunked.refused(413, "payload_too_large", None);
    assert_eq!(app.get(PATH).await.expect(200)["tweets_list"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refused_write_changes_nothing() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let before = app.services.store.position();
    for (method, path, body) in [
        (Method::POST, PATH.to_owned(), json!({"body": ""})),
        (Method::POST, PATH.to_owned(), json!({"body": "x", "username": "eve"})),
        (Method::PUT, format!("/api/v1/users/{}", ana.id), json!({"bio": "x", "role": "admin"})),
        (Method::PUT, format!("/api/v1/users/{}", ana.id), json!({"bio": "x", "version": 9})),
        (Method::DELETE, "/api/v1/users".to_owned(), json!({"username": "eve"})),
        (Method::POST, "/api/v1/users".to_owned(), json!({"username": "ana"})),
    ] {
        let answer = send(app.request(method, &path).bearer_auth(&ana.token).json(&body)).await;
        assert!((400..500).contains(&answer.status), "{}", answer.text);
    }
    assert_eq!(app.services.store.position(), before);
}
