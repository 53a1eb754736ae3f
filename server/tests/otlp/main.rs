//! Facts about traces: the real executable, and a collector that reads real protobuf.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../telemetry/executable.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod executable;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;

use crate::executable::Server;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// A collector: the spans it got, and the name of the service in each batch.
#[derive(Clone, Default)]
struct Collector {
    spans: Arc<Mutex<Vec<Span>>>,
    services: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    async fn start(&self) -> String {
        let this = self.clone();
        let take = move |body: Bytes| async move { this.take(&body) };
        let router = Router::new().route("/v1/traces", post(take));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        url
    }

    fn take(&self, body: &[u8]) {
        let request = ExportTraceServiceRequest::decode(body).unwrap();
        for batch in request.resource_spans {
            let name = text(&batch.resource.unwrap().attributes, "service.name");
            self.services.lock().unwrap().push(name);
            let spans = batch.scope_spans.into_iter().flat_map(|scope| scope.spans);
            self.spans.lock().unwrap().extend(spans);
        }
    }

    /// The spans of a trace, when there is one of this name among them.
    async fn trace_with(&self, trace: &str, name: &str) -> Vec<Span> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let spans = self.spans.lock().unwrap().clone();
            let of_trace: Vec<Span> =
                spans.into_iter().filter(|span| hex(&span.trace_id) == trace).collect();
            if of_trace.iter().any(|span| span.name == name) {
                return of_trace;
            }
            assert!(Instant::now() < deadline, "no {name} in {of_trace:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn value(attributes: &[KeyValue], key: &str) -> Option<Value> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    let AnyValue { value } = found.value.clone()?;
    value
}

fn text(attributes: &[KeyValue], key: &str) -> String {
    match value(attributes, key) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{key} is {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_and_what_the_store_did_for_it_are_spans_of_the_callers_trace() {
    let collector = Collector::default();
    let url = collector.start().await;
    let folder = tempfile::tempdir().unwrap();
    let environment = [("SISKIN_OTLP_ENDPOINT", url.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "50")];
    let server = Server::start(folder.path(), &environment);
    let client = reqwest::Client::new();
    let get = |path: &str| client.get(format!("{}{path}", server.url));
    let unwanted = TRACE.replace('0', "1");
    let request = get("/api/v2/tweets").header("traceparent", format!("00-{unwanted}-{PARENT}-00"));
    request.send().await.unwrap();
    let request = get("/api/v1/users/1?x=canary").header("x-request-id", "mine");
    let request = request.header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    assert_eq!(request.send().await.unwrap().status(), 404);

    let spans = collector.trace_with(TRACE, "GET /api/v1/users/{id}").await;
    let of_request = spans.iter().find(|span| span.name.starts_with("GET")).unwrap();
    assert_eq!(hex(&of_request.parent_span_id), PARENT);
    assert_ne!(hex(&of_request.span_id), PARENT);
    assert_eq!(of_request.kind(), SpanKind::Server);
    let attributes = &of_request.attributes;
    assert_eq!(text(attributes, "http.request.method"), "GET");
    assert_eq!(text(attributes, "http.route"), "/api/v1/users/{id}");
    assert_eq!(value(attributes, "http.response.status_code"), Some(Value::IntValue(404)));
    assert_eq!(text(attributes, "siskin.request_id"), "mine");
    let of_store = spans.iter().find(|span| span.name == "store find_user").unwrap();
    assert_eq!(of_store.parent_span_id, of_request.span_id);
    assert!(of_store.start_time_unix_nano >= of_request.start_time_unix_nano - 1_000_000);
    assert!(of_store.end_time_unix_nano >= of_store.start_time_unix_nano);
    assert_eq!(text(&of_store.attributes, "siskin.store.outcome"), "ok");
    assert!(collector.services.lock().unwrap().iter().all(|name| name == "siskin"));

    // What is written last arrives before the server ends, and log lines have the same ids.
    let last = TRACE.replace('a', "b");
    let request = get("/livez").header("traceparent", format!("00-{last}-{PARENT}-01"));
    request.send().await.unwrap();
    let lines = server.finish();
    let spans = collector.trace_with(&last, "GET /livez").await;
    let id = hex(&of_request.span_id);
    assert!(lines.iter().any(|line| line.contains(&format!("\"span_id\":\"{id}\""))), "{lines:#?}");
    assert_eq!(spans.len(), 1);
    let all = collector.spans.lock().unwrap();
    assert!(
        !all.iter().any(|span| hex(&span.trace_id) == unwanted),
        "it said that nobody keeps it"
    );
    assert!(!format!("{all:?}").contains("canary"), "no query is in a span");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_is_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    // A port that nothing listens at.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let away = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let environment = [("SISKIN_OTLP_ENDPOINT", away.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "50")];
    let server = Server::start(folder.path(), &environment);
    for _ in 0..20 {
        let answer = reqwest::get(format!("{}/api/v2/tweets", server.url)).await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    let begun = Instant::now();
    server.finish();
    assert!(begun.elapsed() < Duration::from_secs(10));
}
