//! `siskin serve --role query|command`: one side of the application on a shared store.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use siskin_server::application::ServeRole;

use crate::app::{Answer, App, PASSWORD, send};

const WRITE: &str = "https://write.example";
const READ: &str = "https://read.example";

async fn query(app: &App) -> App {
    app.beside(|rules| {
        rules.role = ServeRole::Query;
        rules.command_url = Some(WRITE.to_owned());
    })
    .await
}

async fn command(app: &App) -> App {
    app.beside(|rules| {
        rules.role = ServeRole::Command;
        rules.query_url = Some(READ.to_owned());
    })
    .await
}

#[track_caller]
fn is_elsewhere(answer: &Answer, code: &str, location: String) {
    answer.refused(503, code, None);
    assert_eq!((answer.header("location"), answer.header("retry-after")), (&*location, "5"));
}

#[tokio::test]
async fn a_query_node_answers_writes_with_where_to_send_them() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let node = query(&app).await;
    let body = json!({"body": "x", "username": "ana", "password": PASSWORD});
    for (method, path) in [
        (Method::POST, "/api/v2/tweets"),
        (Method::POST, "/api/v2/tweets/"),
        (Method::DELETE, "/api/v2/tweets/1"),
        (Method::POST, "/api/v1/users"),
        (Method::PUT, "/api/v1/users/1"),
        (Method::DELETE, "/api/v1/users"),
        (Method::POST, "/api/v1/tokens"),
        (Method::DELETE, "/api/v1/tokens/current"),
        (Method::PATCH, "/api/nowhere?x=1"),
    ] {
        let request = node.request(method, path).bearer_auth(&ana.token).json(&body);
        let location = format!("{WRITE}{}", path.trim_end_matches('/'));
        is_elsewhere(&send(request).await, "read_only_node", location);
    }
    assert_eq!(app.get("/api/v2/tweets").await.expect(200)["tweets_list"], json!([]));
    let unconfigured = app.beside(|rules| rules.role = ServeRole::Query).await;
    let answer = unconfigured.post_as(&ana, "/api/v2/tweets", &body).await;
    answer.refused(503, "read_only_node", None);
    assert!(!answer.has("location"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_at_a_query_node_keeps_what_was_typed() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let node = query(&app).await;
    for (path, field) in [
        ("/tweets", "body"),
        ("/login", "username"),
        ("/signup", "username"),
        ("/profile", "bio"),
        ("/logout", "x"),
        ("/tweet/1/delete", "x"),
        ("/settings/tokens", "name"),
        ("/settings/sessions/1/end", "x"),
    ] {
        let fields = [(field, "typed by hand"), ("password", "s3cret-s3cret")];
        let request = node.request(Method::POST, path).header("cookie", &cookie).form(&fields);
        let answer = send(request).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "5"), "{path}");
        assert_eq!(answer.header("location"), format!("{WRITE}{path}"));
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        assert!(answer.text.contains("Nothing was changed."), "{path}: {}", answer.text);
        assert!(field == "x" || answer.text.contains("typed by hand"), "{path}");
        assert!(!answer.text.contains("s3cret"), "{path}");
        let request = node.request(Method::POST, path).header("accept", "application/json");
        let answer = send(request.form(&fields)).await;
        is_elsewhere(&answer, "read_only_node", format!("{WRITE}{path}"));
    }
    let foreign = node.request(Method::POST, "/login").header("sec-fetch-site", "cross-site");
    assert_eq!(send(foreign.form(&[("username", "ana")])).await.status, 403);
    let theme = node.request(Method::POST, "/theme").form(&[("theme", "dark")]);
    assert_eq!(send(theme).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_node_reads_and_changes_nothing_in_the_store() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let id = app.tweet(&ana, "How you doing?").await;
    let cookie = app.cookie(&ana).await;
    let node = query(&app).await;
    let before = app.bytes_in_store().await;
    // Long enough that a server of both roles would note the use of the session.
    node.clock.forward_ms(10 * 60 * 1000);
    for path in [
        "/",
        "/@ana",
        "/profile",
        "/settings/sessions",
        "/readyz",
        "/livez",
        "/api/v1/sessions",
        "/api/v2/tweets",
        "/api/v1/info",
    ] {
        let answer = send(node.request(Method::GET, path).header("cookie", &cookie)).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    node.get_as(&ana, "/api/v1/users").await.expect(200);
    node.get_as(&ana, &format!("/api/v2/tweets/{id}")).await.expect(200);
    node.post_as(&ana, "/api/v2/tweets", &json!({"body": "x"})).await.refused(
        503,
        "read_only_node",
        None,
    );
    node.services.stop().await;
    // What waits to be written, if anything does, is written before this is answered.
    node.services.store.ping().await.unwrap();
    assert!(app.bytes_in_store().await == before, "the store has changed");
    // A server of both roles does note it, which the bytes show.
    app.get_as(&ana, "/api/v1/users").await.expect(200);
    let deadline = Instant::now() + Duration::from_secs(10);
    while app.bytes_in_store().await == before {
        assert!(Instant::now() < deadline, "the bytes show nothing");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_node_answers_reads_with_where_to_ask() {
    let app = App::start().await;
    let node = command(&app).await;
    let ana = node.sign_up("ana").await;
    let id = node.tweet(&ana, "written here").await;
    let tweet = format!("/api/v2/tweets/{id}");
    for path in
        ["/api/v2/tweets", "/api/v2/tweets?limit=1", "/api/v1/users", "/api/v2/stream", &tweet]
    {
        is_elsewhere(&node.get(path).await, "write_only_node", format!("{READ}{path}"));
    }
    for path in ["/", "/login", "/@ana", "/nowhere"] {
        let answer = node.get(path).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "5"), "{path}");
        assert_eq!(answer.header("location"), format!("{READ}{path}"));
        let request = node.request(Method::GET, path).header("accept", "application/json");
        is_elsewhere(&send(request).await, "write_only_node", format!("{READ}{path}"));
    }
    let cookie = node.cookie(&ana).await;
    let form = node.request(Method::POST, "/tweets").header("cookie", cookie);
    assert_eq!(send(form.form(&[("body", "by a form")])).await.status, 303);
    for path in ["/livez", "/readyz", "/api/v1/info", "/api/openapi.json", "/api/docs"] {
        assert_eq!(node.get(path).await.status, 200, "{path}");
    }
    assert_eq!(send(node.request(Method::OPTIONS, "/api/v2/tweets")).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_at_a_command_node_is_read_at_a_query_node() {
    let app = App::start().await;
    let (command, query) = (command(&app).await, query(&app).await);
    let ana = command.sign_up("ana").await;
    for n in 0..5 {
        let said = format!("tweet {n}");
        let tweeted = command.post_as(&ana, "/api/v2/tweets", &json!({"body": said})).await;
        let position = tweeted.header("x-siskin-position");
        let request = query.request(Method::GET, "/api/v2/tweets/ana");
        let list = send(request.header("x-siskin-position", position)).await.expect(200);
        assert_eq!(list["tweets_list"][0]["body"], said);
    }
}
