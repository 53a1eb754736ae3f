//! Strangers can't make series.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use siskin_server::application::{OsEntropy, Rules, Services, SystemClock};
use siskin_server::storage::{Measured, SqliteStore, Store};
use siskin_server::telemetry::Metrics;
use tokio::sync::watch;
use tower::ServiceExt as _;

/// The issue's number.
const REQUESTS: usize = 100_000;
/// The most series that there may be then.
const MOST: usize = 2_000;
const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "NONSENSE"];

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize
    }
    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.next() % all.len()]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_100_000_invented_requests_there_are_2_000_series_at_most() {
    let metrics = Metrics::init().unwrap();
    metrics.look_at_runtime();
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("siskin.db")).unwrap();
    let store: Arc<dyn Store> = Arc::new(Measured::new(Arc::new(store)));
    let rules = Rules { throttle: false, ..Rules::default() };
    let services = Services::new(store, rules, Arc::new(SystemClock), Arc::new(OsEntropy));
    let (_stop, stopping) = watch::channel(false);
    let routes = siskin_server::http::routes(services, stopping);
    let templates = routes.paths().to_vec();
    let router = routes.into_router();
    let before = series(&metrics.render());

    // Every method at every address first: nobody can do more than that and wait for it.
    for template in &templates {
        for method in METHODS {
            ask(&router, method, &filled(template, 7)).await;
        }
    }
    let tasks = (0..4).map(|task| {
        let (router, templates) = (router.clone(), templates.clone());
        tokio::spawn(async move {
            let mut numbers = Numbers(task);
            for _ in 0..REQUESTS / 4 {
                let (method, path) = invented(&mut numbers, &templates);
                ask(&router, method, &path).await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }

    let text = metrics.render();
    let after = series(&text);
    assert!(after.len() > before.len() + 100, "requests are counted: {}", after.len());
    assert!(after.len() <= MOST, "{} series", after.len());
    // What people ask most has its own series, whatever strangers tried before.
    let own = r#"http_route="/api/v2/tweets",http_response_status_code="200""#;
    assert!(text.contains(own), "{text}");
    // Whatever was one too many is counted all the same.
    let counts =
        text.lines().filter(|line| line.starts_with("http_server_request_duration_seconds_count"));
    let counted: usize =
        counts.map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap()).sum();
    assert_eq!(counted, REQUESTS + templates.len() * METHODS.len());
    assert!(!text.contains("stranger"), "what a stranger typed is no label");
}

/// Each series by its name and labels.
fn series(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

/// An address with something in each of its places.
fn filled(template: &str, number: usize) -> String {
    let parts = template.split('/').map(|part| match part.strip_prefix('@') {
        _ if !part.contains('{') => part.to_owned(),
        Some(_) => format!("@stranger{number}"),
        None => number.to_string(),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A method and an address that nobody has thought of. Pages that are written anew for each
/// reader take long in a debug build, so most addresses are of the API.
fn invented(numbers: &mut Numbers, templates: &[String]) -> (&'static str, String) {
    let method = *numbers.of(&METHODS);
    let number = numbers.next();
    let path = match numbers.next() % 8 {
        0 => filled(numbers.of::<String>(templates), number),
        1 => format!("/api/v2/tweets/{number}?stranger={number}"),
        2 => format!("/api/v1/users/stranger{number}"),
        3 => format!("/api/stranger{number}/x"),
        4 => format!("/pkg/stranger{number}.js"),
        5 => format!("/api/v2/tweets?limit={number}"),
        6 => format!("/api/v{}/{number}", number % 5),
        _ => format!("/api/v2/tweets/stranger%20{number}"),
    };
    let is_page = !path.starts_with("/api") && !path.starts_with("/pkg");
    let method = if is_page && matches!(method, "GET" | "HEAD") && number % 50 != 0 {
        "PUT"
    } else {
        method
    };
    (method, path)
}

async fn ask(router: &Router, method: &'static str, path: &str) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    // The body is not read: streams have no end.
    let _ = router.clone().oneshot(request).await.unwrap();
}
