//! `OPTIONS` and CORS.

use reqwest::Method;

use crate::app::{Answer, App, send};

const FRIEND: &str = "https://friend.example";

async fn from(app: &App, method: Method, path: &str, origin: &str) -> Answer {
    send(app.request(method, path).header("origin", origin)).await
}

#[tokio::test]
async fn options_lists_the_methods() {
    let app = App::start().await;
    for (path, methods) in [
        ("/api/v1/info", &["GET", "HEAD"][..]),
        ("/api/v1/users", &["GET", "HEAD", "POST", "DELETE"]),
        ("/api/v1/users/", &["GET", "HEAD", "POST", "DELETE"]),
        ("/api/v1/users/1", &["GET", "HEAD", "PUT"]),
        ("/api/v1/tokens", &["POST"]),
        ("/api/v1/tokens/current", &["DELETE"]),
        ("/api/v2/tweets", &["GET", "HEAD", "POST"]),
        ("/api/v2/tweets/1", &["GET", "HEAD", "DELETE"]),
        ("/api/v2/stream", &["GET", "HEAD"]),
        ("/api/openapi.json", &["GET", "HEAD"]),
    ] {
        let answer = send(app.request(Method::OPTIONS, path)).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{path}");
        let mut allowed: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
        allowed.sort_unstable();
        let mut wanted = [methods, &["OPTIONS"]].concat();
        wanted.sort_unstable();
        assert_eq!(allowed, wanted, "{path}");
    }
}

#[tokio::test]
async fn no_other_origin_reads_unless_the_operator_lists_it() {
    let app = App::start().await;
    for method in [Method::GET, Method::OPTIONS] {
        let answer = from(&app, method, "/api/v2/tweets", FRIEND).await;
        assert!(!answer.has("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn a_listed_origin_reads_and_another_does_not() {
    let app = App::start_with(|rules| rules.cors_origins = vec![FRIEND.to_owned()]).await;
    let answer = from(&app, Method::GET, "/api/v2/tweets", FRIEND).await;
    assert_eq!(answer.header("access-control-allow-origin"), FRIEND);
    for name in ["etag", "link", "location", "retry-after", "ratelimit", "x-siskin-position"] {
        assert!(answer.header("access-control-expose-headers").contains(name));
    }
    assert!(answer.header("vary").contains("origin"));
    assert!(!answer.has("access-control-allow-credentials"));
    // Errors can be read, too.
    let missing = from(&app, Method::GET, "/api/nowhere", FRIEND).await;
    assert_eq!(missing.header("access-control-allow-origin"), FRIEND);
    for origin in ["https://evil.example", "null", "https://friend.example.evil.example"] {
        let answer = from(&app, Method::GET, "/api/v2/tweets", origin).await;
        assert!(!answer.has("access-control-allow-origin"), "{origin}");
        assert!(answer.header("vary").contains("origin"));
    }
}

#[tokio::test]
async fn a_preflight_says_what_may_be_sent() {
    let app = App::start_with(|rules| rules.cors_origins = vec![FRIEND.to_owned()]).await;
    let request = app
        .request(Method::OPTIONS, "/api/v2/tweets")
        .header("origin", FRIEND)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization, content-type");
    let answer = send(request).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), FRIEND);
    assert!(answer.header("access-control-allow-methods").contains("POST"));
    for name in
        ["authorization", "content-type", "idempotency-key", "if-none-match", "last-event-id"]
    {
        assert!(answer.header("access-control-allow-headers").contains(name), "{name}");
    }
}
