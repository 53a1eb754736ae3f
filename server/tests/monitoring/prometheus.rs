//! Debian's Prometheus with the configuration and the rules of `deploy/monitoring/prometheus`, on a
//! free port and with a database of its own. It looks more often than in production; all else is
//! as it is there, the rules to the letter.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::Value;

use crate::wait::eventually;

/// What operators get.
pub(crate) const DEPLOYED: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/monitoring/prometheus");
/// How often it looks here. A look that takes longer than this has failed, which begins the waits of
/// alerts anew; a slow machine needs more than one second now and then.
const LOOKS: [(&str, &str); 3] = [
    ("scrape_interval: 10s", "scrape_interval: 2s"),
    ("scrape_timeout: 5s", "scrape_timeout: 2s"),
    ("evaluation_interval: 10s", "evaluation_interval: 1s"),
];

/// An alert that fires: its name, and the server or, where it is about several, the service.
pub(crate) type Firing = (String, String);

/// A running Prometheus; it ends when it is dropped.
pub(crate) struct Prometheus {
    child: Child,
    folder: tempfile::TempDir,
    url: String,
    client: Client,
}

impl Prometheus {
    /// Starts it, without any server to look at.
    pub(crate) async fn start(alertmanager: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let targets = folder.path().join("targets");
        std::fs::create_dir(&targets).unwrap();
        let mut config = read("prometheus.yml");
        for (there, here) in LOOKS {
            assert!(config.contains(there), "prometheus.yml says {there:?}");
            config = config.replace(there, here);
        }
        std::fs::write(folder.path().join("prometheus.yml"), config).unwrap();
        std::fs::write(folder.path().join("alerts.yml"), read("alerts.yml")).unwrap();
        let target = |port: u16| format!("- targets: ['127.0.0.1:{port}']\n");
        std::fs::write(targets.join("alertmanager.yml"), target(alertmanager)).unwrap();
        std::fs::write(targets.join("siskin.yml"), "[]\n").unwrap();
        let (child, port) = listening("prometheus", folder.path(), |port| {
            std::fs::write(targets.join("prometheus.yml"), target(port)).unwrap();
            vec![
                format!("--config.file={}", folder.path().join("prometheus.yml").display()),
                format!("--storage.tsdb.path={}", folder.path().join("data").display()),
                format!("--web.listen-address=127.0.0.1:{port}"),
            ]
        })
        .await;
        Self { child, folder, url: format!("http://127.0.0.1:{port}"), client: Client::new() }
    }

    /// From now on it looks at these servers: name, service, and address of metrics.
    pub(crate) fn watch<'a>(&self, servers: impl Iterator<Item = (&'a str, &'a str, String)>) {
        let text: String = servers
            .map(|(name, service, addr)| {
                format!(
                    "- targets: ['{addr}']\n  labels: {{ instance: {name}, service: {service} }}\n"
                )
            })
            .collect();
        // As a whole and at once: it reads the file as soon as it changes.
        let (new, file) = ("targets/new", "targets/siskin.yml");
        std::fs::write(self.folder.path().join(new), text).unwrap();
        std::fs::rename(self.folder.path().join(new), self.folder.path().join(file)).unwrap();
    }

    /// What a query answers: labels and value of each series.
    ///
    /// # Errors
    /// What Prometheus says about a query that it does not understand.
    pub(crate) async fn query(&self, query: &str) -> Result<Vec<(Value, f64)>, String> {
        let url = format!("{}/api/v1/query", self.url);
        let answer = self.client.post(url).form(&[("query", query)]).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        if answer["status"] != "success" {
            return Err(answer["error"].to_string());
        }
        let series = answer["data"]["result"].as_array().unwrap().iter();
        let number = |text: &Value| text.as_str().unwrap().parse().unwrap_or(f64::NAN);
        Ok(series.map(|one| (one["metric"].clone(), number(&one["value"][1]))).collect())
    }

    /// What fires now.
    pub(crate) async fn firing(&self) -> BTreeSet<Firing> {
        self.alerts(r#"ALERTS{alertstate="firing", alertname=~"Siskin.+"}"#).await
    }

    /// What has fired since it was started.
    pub(crate) async fn ever_fired(&self) -> BTreeSet<Firing> {
        let all = r#"ALERTS{alertstate="firing", alertname=~"Siskin.+"}"#;
        self.alerts(&format!("count_over_time({all}[1h])")).await
    }

    /// When an alert fired first, in Unix time.
    pub(crate) async fn first_fired(&self, (alert, of): &Firing) -> Duration {
        let labels = format!(r#"alertstate="firing", alertname="{alert}""#);
        let this = ["instance", "service"]
            .map(|label| format!(r#"timestamp(ALERTS{{{labels}, {label}="{of}"}})"#));
        self.first(&this.join(" or ")).await
    }

    /// When a server was first seen to lag by so much that there is an alert, in Unix time.
    pub(crate) async fn first_lagged(&self, of: &str) -> Duration {
        let lag = format!(r#"siskin_projection_lag_events{{instance="{of}"}}"#);
        self.first(&format!("timestamp({lag}) and ({lag} > 100)")).await
    }

    /// The first of these times.
    async fn first(&self, this: &str) -> Duration {
        // A subquery looks at whole seconds: what has just come is seen by the next.
        let query = format!("min_over_time(({this})[10m:1s])");
        let mut first = None;
        eventually("it is seen when it fired", async || {
            let found = self.query(&query).await.unwrap();
            first = found.iter().map(|(_, at)| *at).reduce(f64::min);
            first.is_some()
        })
        .await;
        Duration::from_secs_f64(first.unwrap())
    }

    /// How many looks at a server, or at one of a service, have failed in the last minutes.
    pub(crate) async fn missed(&self, of: &str) -> usize {
        let this = ["instance", "service"].map(|label| format!(r#"up{{{label}="{of}"}}"#));
        let missed = format!("sum(sum_over_time((1 - ({}))[5m:1s]))", this.join(" or "));
        let found = self.query(&missed).await.unwrap();
        found.first().map_or(0, |(_, count)| *count as usize)
    }

    async fn alerts(&self, query: &str) -> BTreeSet<Firing> {
        let alerts = self.query(query).await.unwrap().into_iter().map(|(labels, _)| labels);
        let word = |labels: &Value, name: &str| labels[name].as_str().map(str::to_owned);
        alerts
            .map(|labels| {
                let of = word(&labels, "instance").or_else(|| word(&labels, "service"));
                (word(&labels, "alertname").unwrap(), of.unwrap_or_default())
            })
            .collect()
    }

    /// What it has said.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file that operators get.
pub(crate) fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(DEPLOYED).join(name)).unwrap()
}

/// A program of Debian's packages, from PATH or from where `tools/setup.sh monitoring` put it.
pub(crate) fn tool(name: &str) -> Command {
    let cache = std::env::var("SISKIN_TOOLS").map(PathBuf::from).unwrap_or_else(|_| {
        let home = PathBuf::from(std::env::var("HOME").unwrap_or_default());
        std::env::var("XDG_CACHE_HOME")
            .map_or_else(|_| home.join(".cache"), PathBuf::from)
            .join("siskin/tools")
    });
    let own = cache.join("prometheus/usr/bin").join(name);
    if own.is_file() { Command::new(own) } else { Command::new(name) }
}

/// How long a program may take until it listens.
const START: Duration = Duration::from_secs(60);

/// Starts a program that writes its log into this folder, and waits until it is ready at the port
/// that its arguments name. Until it listens the port is anybody's: whoever finds it taken ends,
/// and is started at another one.
pub(crate) async fn listening(
    name: &str,
    folder: &Path,
    arguments: impl Fn(u16) -> Vec<String>,
) -> (Child, u16) {
    for _ in 0..5 {
        let port = free_port();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let mut child = tool(name)
            .args(arguments(port))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|_| panic!("{name} is there: run `tools/setup.sh monitoring`"));
        let url = format!("http://127.0.0.1:{port}/-/ready");
        let deadline = Instant::now() + START;
        while child.try_wait().unwrap().is_none() {
            if reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
                return (child, port);
            }
            assert!(Instant::now() < deadline, "{name} is not ready in time");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    panic!("{name} ends at once: {}", std::fs::read_to_string(folder.join("log")).unwrap());
}

/// A port that nobody has now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
