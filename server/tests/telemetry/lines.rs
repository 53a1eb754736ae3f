//! Log lines of a busy server: JSON, complete, and about nobody.

use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::executable::Server;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// What must not be in any line: names, addresses, words, secrets, queries.
const CANARIES: [&str; 8] = [
    "canaryname",
    "canarymail",
    "Canary Person",
    "canary-password",
    "canarytweet",
    "canaryquery",
    "canaryagent",
    "203.0.113.77",
];

async fn talk(client: &Client, url: &str) {
    let person = json!({
        "username": "canaryname", "email": "canarymail@example.org", "password": "canary-password",
        "name": "Canary Person",
    });
    let post = |path: &str, body: &Value| client.post(format!("{url}{path}")).json(body);
    post("/api/v1/users", &person).send().await.unwrap();
    // Twice, so that it is refused once; and with a wrong password.
    post("/api/v1/users", &person).send().await.unwrap();
    let wrong = json!({"username": "canaryname", "password": "canary-password-not"});
    post("/api/v1/tokens", &wrong).send().await.unwrap();
    let token: Value = post("/api/v1/tokens", &person).send().await.unwrap().json().await.unwrap();
    let token = token["token"].as_str().unwrap();
    let tweet = json!({"body": "canarytweet"});
    let tweeting = post("/api/v2/tweets", &tweet).bearer_auth(token);
    assert_eq!(tweeting.send().await.unwrap().status(), 201);
    for path in [
        "/",
        "/@canaryname",
        "/api/v1/users/1?x=canaryquery",
        "/canaryname",
        "/api/canaryquery",
        "/api/v2/tweets?after=canaryquery",
        "/login?next=canaryquery",
    ] {
        let request = client.get(format!("{url}{path}")).header("user-agent", "canaryagent");
        request.header("x-forwarded-for", "203.0.113.77").send().await.unwrap();
    }
}

fn read(lines: &[String]) -> Vec<Value> {
    let read = lines.iter().map(|line| {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
        assert!(value.is_object(), "{line}");
        value
    });
    read.collect()
}

#[tokio::test]
async fn every_line_is_an_object_with_its_fields_and_about_nobody() {
    let folder = tempfile::tempdir().unwrap();
    // Debug, so that what is seldom said is looked at, too.
    let server = Server::start(folder.path(), &[("SISKIN_LOG", "debug")]);
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let begun = Instant::now();
    futures::future::join_all((0..8).map(|_| async {
        for _ in 0..25 {
            client.get(format!("{}/api/v2/tweets", server.url)).send().await.unwrap();
        }
    }))
    .await;
    talk(&client, &server.url).await;
    let request = client.get(format!("{}/livez", server.url));
    let request = request.header("x-request-id", "mine.1");
    request.header("traceparent", format!("00-{TRACE}-{PARENT}-01")).send().await.unwrap();
    let took = begun.elapsed();
    let lines = server.finish();
    for canary in CANARIES {
        assert!(!lines.iter().any(|line| line.contains(canary)), "{canary} in {lines:#?}");
    }
    let lines = read(&lines);
    for line in &lines {
        for field in ["timestamp", "level", "target", "message"] {
            assert!(line[field].is_string(), "{field} in {line}");
        }
    }
    let answered: Vec<&Value> =
        lines.iter().filter(|line| line["target"] == "siskin::access").collect();
    assert_eq!(answered.len(), 200 + 5 + 7 + 1);
    for line in &answered {
        assert!(line["route"].as_str().is_some_and(|route| !route.is_empty()), "{line}");
        assert!(["GET", "POST"].contains(&line["method"].as_str().unwrap()), "{line}");
        assert!((200..600).contains(&line["status"].as_u64().unwrap()), "{line}");
        let duration = line["duration"].as_f64().unwrap();
        assert!((0.0..took.as_secs_f64()).contains(&duration), "{line}");
        for (field, length) in [("trace_id", 32), ("span_id", 16)] {
            let id = line[field].as_str().unwrap();
            assert!(id.len() == length && id.bytes().all(|b| b.is_ascii_hexdigit()), "{line}");
        }
        assert!(line["request_id"].is_string(), "{line}");
    }
    let mine = answered.iter().find(|line| line["request_id"] == "mine.1").unwrap();
    assert_eq!((&mine["trace_id"], &mine["route"]), (&TRACE.into(), &"/livez".into()));
    assert_ne!(mine["span_id"], PARENT);
    assert!(answered.iter().any(|line| line["route"] == "/api/v2/tweets"));
    assert!(answered.iter().any(|line| line["route"] == "unmatched"));
}

#[tokio::test]
async fn trouble_within_a_request_says_which_request() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[("SISKIN_DATABASE_URL", "sqlite://siskin.db")]);
    let client = Client::new();
    // Another process keeps the write lock for longer than a writer waits.
    let other = rusqlite::Connection::open(folder.path().join("siskin.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let request = client.get(format!("{}/readyz", server.url)).header("x-request-id", "which.one");
    let answer = request.header("traceparent", format!("00-{TRACE}-{PARENT}-01")).send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["x-request-id"], "which.one");
    assert_eq!(answer.text().await.unwrap(), "the store is unavailable\n");
    let deadline = Instant::now() + Duration::from_secs(10);
    let warned = loop {
        let lines = read(&server.lines());
        let mut warned = lines.into_iter().filter(|line| line["message"] == "not ready");
        if let Some(line) = warned.find(|line| line["request_id"] == "which.one") {
            break line;
        }
        assert!(Instant::now() < deadline, "{:#?}", server.lines());
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!((&warned["level"], &warned["trace_id"]), (&"WARN".into(), &TRACE.into()));
    assert_eq!((&warned["method"], &warned["route"]), (&"GET".into(), &"/readyz".into()));
    assert_eq!(warned["span_id"].as_str().unwrap().len(), 16);
    let method = Method::GET;
    let again = client.request(method, format!("{}/livez", server.url)).send().await.unwrap();
    assert_eq!(again.status(), 200);
}

#[tokio::test]
async fn text_lines_are_for_people_and_the_ready_line_stays_bare() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[("SISKIN_LOG_FORMAT", "text")]);
    Client::new().get(format!("{}/livez", server.url)).send().await.unwrap();
    let tweets = format!("{}/api/v2/tweets", server.url);
    Client::new().get(tweets).header("x-request-id", "r1").send().await.unwrap();
    let url = server.url.clone();
    let lines = server.finish();
    assert!(lines.contains(&format!("Siskin is ready at {url}")), "{lines:#?}");
    let line = lines.iter().find(|line| line.contains("request_id=r1")).unwrap();
    assert!(
        line.contains("  INFO answered method=GET route=/api/v2/tweets status=200 duration=0."),
        "{line}"
    );
    // What a load balancer asks all the time is said at debug only.
    assert!(!lines.iter().any(|line| line.contains("/livez")), "{lines:#?}");
}
