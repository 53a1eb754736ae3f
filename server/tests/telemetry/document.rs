//! `docs/METRICS.md` and a live `/metrics` say the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use siskin_server::telemetry::names::{Kind, METRICS};

use crate::executable::Server;

const DOCUMENT: &str = include_str!("../../../docs/METRICS.md");

/// What stands in the document's tables: kind and labels by name.
fn documented() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let (metrics, _logs) = DOCUMENT.split_once("\n# Logs\n").unwrap();
    let rows = metrics.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (name, rest) = row.split_once("` | ").unwrap();
        let mut cells = rest.split(" | ");
        let (kind, labels) = (cells.next().unwrap(), cells.next().unwrap());
        let labels = labels.split(", ").map(|label| label.trim().trim_matches('`').to_owned());
        let labels = labels.filter(|label| !label.is_empty()).collect();
        (name.to_owned(), (kind.to_owned(), labels))
    })
    .collect()
}

/// What a server exposes: kind and labels by name.
fn exposed(text: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut all: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    for line in text.lines() {
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            all.insert(name.to_owned(), (kind.to_owned(), BTreeSet::new()));
        }
    }
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (series, _) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let bare = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let name = bare.filter(|bare| all.contains_key(*bare)).unwrap_or(name);
        let known = all.get_mut(name).unwrap_or_else(|| panic!("{line} has no # TYPE"));
        for label in labels.trim_end_matches('}').split("\",").filter(|label| !label.is_empty()) {
            let label = label.split('=').next().unwrap();
            if label != "le" {
                known.1.insert(label.to_owned());
            }
        }
    }
    all
}

/// A server that has done a little of everything.
async fn busy(folder: &std::path::Path) -> String {
    let server = Server::start(folder, &[]);
    let client = reqwest::Client::new();
    let person =
        json!({"username": "ana", "email": "ana@example.org", "password": "correct horse"});
    let made =
        client.post(format!("{}/api/v1/users", server.url)).json(&person).send().await.unwrap();
    assert_eq!(made.status(), 201);
    let metrics = async || client.get(&server.metrics).send().await.unwrap().text().await.unwrap();
    // The probe looks at the store at once, but not before it has its answer.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let text = metrics().await;
        if text.contains("siskin_store_size_bytes") {
            return text;
        }
        assert!(std::time::Instant::now() < deadline, "the probe never looked: {text}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn the_document_the_code_and_a_live_server_name_the_same_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let text = busy(folder.path()).await;
    let (documented, exposed) = (documented(), exposed(&text));
    let mut expected = BTreeSet::new();
    for metric in METRICS {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let labels: BTreeSet<String> =
            metric.labels.iter().map(|&label| label.to_owned()).collect();
        let row = (kind.to_owned(), labels);
        assert_eq!(documented.get(metric.name), Some(&row), "{} in docs/METRICS.md", metric.name);
        if !metric.only_with.starts_with("SISKIN_") {
            assert_eq!(exposed.get(metric.name), Some(&row), "{} at /metrics", metric.name);
            let help = format!("# HELP {} {}", metric.name, metric.help);
            assert!(text.lines().any(|line| line == help), "{help}");
        }
        expected.insert(metric.name.to_owned());
    }
    for name in documented.keys().chain(exposed.keys()) {
        assert!(expected.contains(name), "{name} is not in telemetry/names.rs");
    }
}
