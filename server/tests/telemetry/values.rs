//! What the numbers at `/metrics` count, by making it happen.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::executable::Server;

/// Nothing here takes this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(30);
const AT_ONCE: usize = 200;

struct Watched {
    server: Server,
    client: Client,
}

impl Watched {
    /// What a series is now; none if it is not there.
    async fn value(&self, series: &str) -> Option<f64> {
        let text = self.client.get(&self.server.metrics).send().await.unwrap().text().await;
        let text = text.unwrap();
        text.lines()
            .find_map(|line| Some(line.strip_prefix(series)?.strip_prefix(' ')?.parse().unwrap()))
    }

    /// Waits until a series is so.
    async fn becomes(&self, series: &str, wanted: impl Fn(f64) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.value(series).await;
            if value.is_some_and(&wanted) {
                return;
            }
            assert!(Instant::now() < deadline, "{series} is {value:?} still");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The buckets of how long such requests took: their ends, and how many are below.
    async fn buckets(&self, route: &str, status: &str) -> Vec<(String, f64)> {
        let text = self.client.get(&self.server.metrics).send().await.unwrap().text().await;
        let text = text.unwrap();
        let all = text.lines().filter_map(|line| {
            line.strip_prefix("http_server_request_duration_seconds_bucket{")?.rsplit_once("} ")
        });
        let wanted = all.filter(|(labels, _)| labels.contains(route) && labels.contains(status));
        wanted
            .map(|(labels, count)| {
                let end = labels.split_once("le=\"").unwrap().1.split('"').next().unwrap();
                (end.to_owned(), count.parse().unwrap())
            })
            .collect()
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.server.url)).json(body);
        let answer = request.bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn log_in(&self, username: &str, password: &str) -> (u16, Value) {
        let body = json!({"username": username, "password": password});
        let request = self.client.post(format!("{}/api/v1/tokens", self.server.url)).json(&body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_number_counts_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let site = Watched { server: Server::start(folder.path(), &[]), client: Client::new() };
    let url = &site.server.url;
    let person =
        json!({"username": "ana", "email": "ana@example.org", "password": "correct horse"});
    let made = site.client.post(format!("{url}/api/v1/users")).json(&person).send().await.unwrap();
    assert_eq!(made.status(), 201);
    let token = site.log_in("ana", "correct horse").await.1["token"].as_str().unwrap().to_owned();

    let hashed = site.value("siskin_hashing_duration_seconds_count").await.unwrap();
    assert!(hashed >= 2.0, "{hashed}");
    for _ in 0..10 {
        assert_eq!(site.log_in("ana", "guessed").await.0, 401);
    }
    assert_eq!(site.log_in("ana", "guessed").await.0, 429);
    let refused = r#"siskin_throttle_refusals_total{limit="log-ins-at-account"}"#;
    assert_eq!(site.value(refused).await, Some(1.0));
    let now = site.value("siskin_hashing_duration_seconds_count").await;
    assert_eq!(now, Some(hashed + 10.0));

    assert_eq!(site.value("siskin_streams_open").await, Some(0.0));
    let stream = site.client.get(format!("{url}/api/v2/stream")).send().await.unwrap();
    site.becomes("siskin_streams_open", |open| open == 1.0).await;
    drop(stream);
    site.becomes("siskin_streams_open", |open| open == 0.0).await;

    // A body that is on its way.
    let before = site.value("siskin_connections_open").await.unwrap();
    let mut slow = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    let head = "POST /api/v1/tokens HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    slow.write_all(format!("{head}content-length: 9\r\n\r\n{{").as_bytes()).await.unwrap();
    site.becomes("http_server_active_requests", |active| active == 1.0).await;
    site.becomes("siskin_connections_open", |open| open == before + 1.0).await;
    drop(slow);
    site.becomes("http_server_active_requests", |active| active == 0.0).await;

    let many = join_all((0..40).map(|n| {
        let site = &site;
        async move { site.log_in(&format!("nobody{n}"), "guessed").await }
    }));
    let seen = site.becomes("siskin_hashing_queue", |waiting| waiting > 0.0);
    tokio::join!(async { drop(many.await) }, seen);

    let committed = site.value("siskin_store_commit_duration_seconds_count").await.unwrap();
    let (events, writes) = ("siskin_store_events_total", "siskin_store_batch_commands_sum");
    let (had, wrote) = (site.value(events).await.unwrap(), site.value(writes).await.unwrap());
    // Writes wait for a moment only: until somebody has seen some.
    let posted = AtomicUsize::new(0);
    let seen = AtomicBool::new(false);
    let posting = async {
        while !seen.load(Ordering::Relaxed) {
            let posts = (0..AT_ONCE).map(|n| {
                let (site, token) = (&site, &token);
                async move {
                    site.post("/api/v2/tweets", token, &json!({"body": n.to_string()})).await.0
                }
            });
            let statuses = join_all(posts).await;
            assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
            posted.fetch_add(AT_ONCE, Ordering::Relaxed);
        }
    };
    let looking = async {
        site.becomes("siskin_store_writer_queue", |waiting| waiting > 0.0).await;
        seen.store(true, Ordering::Relaxed);
    };
    tokio::join!(posting, looking);
    let tweets = posted.into_inner() as f64;
    assert_eq!(site.value(events).await, Some(had + tweets));
    assert!(site.value(writes).await.unwrap() >= wrote + tweets);
    let commits = site.value("siskin_store_commit_duration_seconds_count").await.unwrap();
    assert!(commits > committed && commits < committed + tweets, "{commits}: in batches");
    assert!(site.value("siskin_store_commit_duration_seconds_sum").await.unwrap() > 0.0);
    site.becomes("siskin_store_wal_bytes", |bytes| bytes > 0.0).await;
    site.becomes("siskin_store_size_bytes", |bytes| bytes > 0.0).await;
    assert!(site.value("tokio_alive_tasks").await.unwrap() > 0.0);

    let buckets = site.buckets(r#"http_route="/api/v2/tweets""#, r#"="201""#).await;
    assert_eq!(buckets.first().unwrap().0, "0.00025", "seconds");
    assert_eq!(buckets.last().unwrap(), &("+Inf".to_owned(), tweets));
}
