//! `ETag`, `If-None-Match`, `HEAD`.

use reqwest::Method;

use crate::app::{Answer, App, send};

async fn get(app: &App, path: &str, known: &str) -> Answer {
    send(app.request(Method::GET, path).header("if-none-match", known)).await
}

async fn paths(app: &App) -> Vec<String> {
    let ana = app.sign_up("ana").await;
    let tweet = app.tweet(&ana, "x").await;
    app.tweet(&ana, "y").await;
    vec![
        "/api/v1/info".to_owned(),
        "/api/v1/users".to_owned(),
        "/api/v1/users?username=ana".to_owned(),
        format!("/api/v1/users/{}", ana.id),
        "/api/v2/tweets".to_owned(),
        "/api/v2/tweets?limit=1".to_owned(),
        "/api/v2/tweets/ana".to_owned(),
        format!("/api/v2/tweets/{tweet}"),
        "/api/openapi.json".to_owned(),
    ]
}

#[tokio::test]
async fn what_one_has_already_is_304() {
    let app = App::start().await;
    for path in paths(&app).await {
        let whole = app.get(&path).await;
        whole.expect(200);
        let etag = whole.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 10, "{path} {etag}");
        for known in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
            let answer = get(&app, &path, &known).await;
            assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{path} {known}");
            assert_eq!(answer.header("etag"), etag);
            assert_eq!(answer.header("cache-control"), whole.header("cache-control"));
            assert_eq!(answer.header("vary"), whole.header("vary"));
        }
        let other = get(&app, &path, "\"other\"").await;
        assert_eq!((other.status, other.text), (200, whole.text), "{path}");
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let app = App::start().await;
    for path in paths(&app).await {
        let whole = app.get(&path).await;
        let head = send(app.request(Method::HEAD, &path)).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        for name in ["etag", "content-type", "content-length", "link"] {
            assert_eq!(head.header(name), whole.header(name), "{path} {name}");
        }
    }
    assert_eq!(send(app.request(Method::HEAD, "/api/v1/users/1")).await.status, 404);
}

#[tokio::test]
async fn a_change_changes_the_etag() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let path = "/api/v2/tweets";
    let before = app.get(path).await.header("etag").to_owned();
    app.tweet(&ana, "x").await;
    let after = get(&app, path, &before).await;
    assert_eq!(after.status, 200);
    assert_ne!(after.header("etag"), before);
}

#[tokio::test]
async fn the_etag_differs_with_what_one_may_see() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let path = format!("/api/v1/users/{}", ana.id);
    let own = app.get_as(&ana, &path).await.header("etag").to_owned();
    let public = app.get(&path).await.header("etag").to_owned();
    assert_ne!(own, public);
    assert_eq!(app.get_as(&ben, &path).await.header("etag"), public);
    assert!(app.get(&path).await.header("vary").contains("authorization"));
}

#[tokio::test]
async fn errors_have_no_etag() {
    let app = App::start().await;
    let missing = get(&app, "/api/v2/tweets/1", "*").await;
    missing.refused(404, "not_found", None);
    assert!(!missing.has("etag"));
}
