//! The rules: each alert has an entry in the runbook, and asks for metrics that there are.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::Stdio;

use crate::prometheus::{Prometheus, read, tool};

const RUNBOOK: &str = include_str!("../../../docs/RUNBOOK.md");
const URL: &str = "https://example.org/siskin/docs/RUNBOOK.md#";
/// What each entry tells.
const TELLS: [&str; 4] = ["**You see:**", "**Likely causes:**", "**Do:**", "**Over when:**"];

/// The alerts and what is said about each.
fn alerts() -> BTreeMap<String, String> {
    let text = read("alerts.yml");
    let mut alerts: BTreeMap<String, String> = BTreeMap::new();
    for part in text.split("- alert: ").skip(1) {
        let (name, rest) = part.split_once('\n').unwrap();
        alerts.entry(name.trim().to_owned()).or_default().push_str(rest);
    }
    alerts
}

/// As GitHub makes an anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_alert_has_an_entry_in_the_runbook_that_tells_what_to_do() {
    let entries: BTreeMap<String, &str> = RUNBOOK
        .split("\n## ")
        .skip(1)
        .map(|entry| (anchor(entry.lines().next().unwrap()), entry))
        .collect();
    let alerts = alerts();
    assert!(alerts.len() >= 11, "{:?}", alerts.keys());
    for (alert, rule) in &alerts {
        let urls: Vec<&str> = rule
            .lines()
            .filter_map(|line| line.split_once(URL))
            .map(|(_, anchor)| anchor.trim())
            .collect();
        assert!(!urls.is_empty(), "{alert} has a runbook_url");
        for url in urls {
            assert_eq!(url, anchor(alert), "{alert} leads to its own entry");
            let entry = entries.get(url).unwrap_or_else(|| panic!("the runbook has no {alert}"));
            for tells in TELLS {
                assert!(entry.contains(tells), "the runbook's {alert} has no {tells}");
            }
        }
        for key in ["expr:", "for:", "severity:", "summary:", "description:"] {
            assert!(rule.contains(key), "{alert} has no {key}");
        }
    }
    let known: BTreeSet<String> = alerts.keys().map(|alert| anchor(alert)).collect();
    for entry in entries.keys().filter(|entry| entry.starts_with("siskin")) {
        assert!(known.contains(entry), "the runbook has {entry}, which is no alert");
    }
}

/// The words of a query that are names of metrics.
pub(crate) fn metrics_in(query: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let begins = ["http_server_", "siskin_", "tokio_", "process_", "instance:siskin", "scrape_"];
    let words = query.split(|c| !word(c)).filter(|w| begins.iter().any(|b| w.starts_with(b)));
    words.map(str::to_owned).collect()
}

/// Each metric that a rule asks for is there, so that no alert is silent for a wrong name.
pub(crate) async fn metrics_exist(prometheus: &Prometheus) {
    let expressions: String = read("alerts.yml")
        .lines()
        .filter(|line| !line.trim_start().starts_with(['#', '-']) && !line.contains("runbook_url"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut metrics = metrics_in(&expressions);
    // What the rules themselves record of faults comes with them.
    metrics.retain(|metric| !metric.starts_with("instance:"));
    assert!(metrics.len() > 9, "{metrics:?}");
    for metric in metrics {
        let series = prometheus.query(&metric).await.unwrap();
        assert!(!series.is_empty(), "{metric} is asked for by a rule and nowhere to be seen");
    }
}

/// What a server shows is as Prometheus likes it.
pub(crate) async fn check_metrics(name: &str, addr: &str) {
    let text = reqwest::get(format!("http://{addr}/metrics")).await.unwrap().text().await.unwrap();
    let samples = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
    assert!(samples > 100 && samples <= 2000, "{name} shows {samples} series");
    let mut promtool = tool("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is there: run `tools/setup.sh monitoring`");
    promtool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned();
    assert_eq!(said, "", "promtool about the metrics of {name}");
}
