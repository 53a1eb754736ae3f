//! Every answer says which request it is of.

use reqwest::Method;

use crate::app::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_id_that_its_request_brought() {
    let app = App::start().await;
    let long = "x".repeat(9000);
    let address_too_long = format!("/api/v2/tweets?x={long}");
    for (method, path, status) in [
        ("GET", "/", 200),
        ("GET", "/livez", 200),
        ("GET", "/nothing/here", 404),
        ("GET", "/profile", 303),
        ("GET", "/api/v2/tweets", 200),
        ("GET", "/api/v9", 404),
        ("DELETE", "/api/v2/tweets", 405),
        ("OPTIONS", "/api/v2/tweets", 204),
        ("POST", "/api/v2/tweets", 401),
        ("POST", "/login", 403),
        ("GET", address_too_long.as_str(), 414),
        ("NONSENSE", "/", 405),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = app.request(method.clone(), path).header("x-request-id", "Which.1_is-it");
        let answer = send(request.header("origin", "https://elsewhere.example")).await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.header("x-request-id"), "Which.1_is-it", "{method} {path}");
    }
    let request = app.request(Method::GET, "/").header("x-request-id", "is-it");
    let answer = send(request.header("accept-language", long)).await;
    assert_eq!((answer.status, answer.header("x-request-id")), (431, "is-it"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_missing_or_could_be_anything_is_replaced() {
    let app = App::start().await;
    let mut made = std::collections::HashSet::new();
    let longer = "x".repeat(65);
    for brought in [None, Some("ana@example.org"), Some("a b"), Some(""), Some(longer.as_str())] {
        let request = app.request(Method::GET, "/livez");
        let answer = send(match brought {
            Some(id) => request.header("x-request-id", id),
            None => request,
        })
        .await;
        let id = answer.header("x-request-id").to_owned();
        assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{brought:?}: {id}");
        made.insert(id);
    }
    assert_eq!(made.len(), 5);
}
