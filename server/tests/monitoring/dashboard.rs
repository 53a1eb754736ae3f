//! The dashboard: sound as Grafana reads it, and every query has data.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::prometheus::Prometheus;
use crate::rules::metrics_in;

const DASHBOARD: &str = include_str!("../../../deploy/monitoring/grafana/dashboards/siskin.json");
const METRICS: &str = include_str!("../../../docs/METRICS.md");
const COLUMNS: u64 = 24;

fn dashboard() -> Value {
    serde_json::from_str(DASHBOARD).unwrap()
}

fn panels(dashboard: &Value) -> &Vec<Value> {
    dashboard["panels"].as_array().unwrap()
}

/// Panel and query.
fn queries(dashboard: &Value) -> Vec<(String, String)> {
    let mut queries = Vec::new();
    for panel in panels(dashboard) {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let text = |of: &Value| of.as_str().unwrap().to_owned();
            queries.push((text(&panel["title"]), text(&target["expr"])));
        }
    }
    queries
}

/// As Grafana would send it, with everything chosen.
fn filled_in(query: &str) -> String {
    let filled = query
        .replace("$__rate_interval", "1m")
        .replace("$__range", "5m")
        .replace("$instance", ".*")
        .replace("$route", ".*");
    assert!(!filled.contains('$'), "an unknown variable: {query}");
    filled
}

#[test]
fn the_dashboard_is_sound() {
    let dashboard = dashboard();
    for key in ["uid", "title", "schemaVersion", "time", "templating"] {
        assert!(!dashboard[key].is_null(), "{key} is missing");
    }
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let kinds: Vec<_> = variables
        .iter()
        .map(|v| (v["name"].as_str().unwrap(), v["type"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [("datasource", "datasource"), ("instance", "query"), ("route", "query")]);
    let mut ids = BTreeSet::new();
    let mut titles = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for panel in panels(&dashboard) {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}: another panel has its id");
        let place = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        let (x, y, w, h) = (place("x"), place("y"), place("w"), place("h"));
        assert!(w > 0 && h > 0 && x + w <= COLUMNS, "{title} is wider than the page");
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{title} covers another panel at {cell:?}");
        }
        if panel["type"] == "row" {
            continue;
        }
        assert!(titles.insert(title), "two panels are called {title}");
        assert!(
            panel["description"].as_str().is_some_and(|d| !d.is_empty()),
            "{title} explains nothing"
        );
        let uid = &panel["datasource"]["uid"];
        assert_eq!(uid, "${datasource}", "{title} asks the Prometheus that is chosen");
        let targets = panel["targets"].as_array().unwrap();
        let refs: BTreeSet<_> = targets.iter().map(|t| t["refId"].as_str().unwrap()).collect();
        assert!(!targets.is_empty() && refs.len() == targets.len(), "{title}: refIds");
    }
}

#[test]
fn the_dashboard_shows_every_metric_that_there_is() {
    let dashboard = dashboard();
    let shown: BTreeSet<String> =
        queries(&dashboard).iter().flat_map(|(_, query)| metrics_in(query)).collect();
    let base = |name: &str| {
        ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(name)
            .to_owned()
    };
    let shown: BTreeSet<String> = shown.iter().map(|name| base(name)).collect();
    let begins = ["http_server_", "siskin_", "tokio_", "process_"];
    let documented = METRICS.split('`').filter(|word| begins.iter().any(|b| word.starts_with(b)));
    let documented: BTreeSet<String> = documented
        .map(|word| word.split('{').next().unwrap().to_owned())
        .filter(|word| {
            word.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
        })
        .map(|word| base(&word))
        .collect();
    let missing: Vec<_> = documented.difference(&shown).collect();
    assert!(documented.len() > 30 && missing.is_empty(), "not shown: {missing:?}");
}

/// Every query of every panel answers something.
pub(crate) async fn has_data(prometheus: &Prometheus) {
    let dashboard = dashboard();
    let mut empty = Vec::new();
    for (panel, query) in queries(&dashboard) {
        let series = prometheus.query(&filled_in(&query)).await;
        let series = series.unwrap_or_else(|why| panic!("{panel}: {query}: {why}"));
        if series.is_empty() || series.iter().all(|(_, value)| value.is_nan()) {
            empty.push(format!("{panel}: {query}"));
        }
    }
    for annotation in dashboard["annotations"]["list"].as_array().unwrap() {
        let query = filled_in(annotation["expr"].as_str().unwrap());
        prometheus.query(&query).await.unwrap();
    }
    assert!(empty.is_empty(), "panels without data: {empty:#?}");
}
