//! The names of all metrics, with what each means: what `# HELP` says, and what `docs/METRICS.md`
//! is held to.

use metrics::Unit;

use crate::application::throttle;
use crate::storage::Failure;

/// Which kind of number a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, until the process ends.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many values were at most so large, for some bounds; their sum and count.
    Histogram,
}

/// A metric that Siskin exposes.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The names of its labels. Their values are ours, never what a stranger typed.
    pub labels: &'static [&'static str],
    /// Its unit.
    pub unit: Unit,
    /// What it means, in one sentence.
    pub help: &'static str,
    /// The setting without which it is not there; empty if it always is.
    pub only_with: &'static str,
}

const NONE: &[&str] = &[];

const fn metric(kind: Kind, name: &'static str, unit: Unit, help: &'static str) -> Metric {
    Metric { name, kind, labels: NONE, unit, help, only_with: "" }
}

impl Metric {
    const fn by(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }

    const fn only_with(self, only_with: &'static str) -> Self {
        Self { only_with, ..self }
    }
}

use Kind::{Counter, Gauge, Histogram};
use Unit::{Bytes, Count, Seconds};

/// All of them, in the order of `docs/METRICS.md`.
pub const METRICS: &[Metric] = &[
    metric(
        Histogram,
        "http_server_request_duration_seconds",
        Seconds,
        "From a request's head to the head of its answer.",
    )
    .by(&["http_route", "http_request_method", "http_response_status_code"]),
    metric(
        Gauge,
        "http_server_active_requests",
        Count,
        "Requests whose answer has not begun; health checks and open streams are not among them.",
    ),
    metric(
        Counter,
        "http_server_overloaded_total",
        Count,
        "Requests that were refused at once because too many were in progress.",
    ),
    metric(Counter, "siskin_throttle_refusals_total", Count, "Attempts that a limit has refused.")
        .by(&["limit"]),
    metric(Gauge, "siskin_streams_open", Count, "Streams of live events that are open."),
    metric(Gauge, "siskin_connections_open", Count, "Connections that are open."),
    metric(
        Histogram,
        "siskin_store_operation_duration_seconds",
        Seconds,
        "What the server waits for the store, waiting for a turn included.",
    )
    .by(&["operation", "outcome"]),
    metric(
        Gauge,
        "siskin_store_up",
        Count,
        "1 if the store answered the last time that it was asked, every 5 seconds.",
    ),
    metric(Counter, "siskin_store_events_total", Count, "Events that this server has committed."),
    metric(
        Gauge,
        "siskin_store_position",
        Count,
        "The position of the newest event that this server knows of.",
    ),
    metric(Gauge, "siskin_store_writer_queue", Count, "Writes that wait for the next commit."),
    metric(Histogram, "siskin_store_batch_commands", Count, "Writes that were committed together."),
    metric(
        Histogram,
        "siskin_store_commit_duration_seconds",
        Seconds,
        "What making a commit durable took: on SQLite the flush to disk, on MongoDB the whole \
         transaction.",
    ),
    metric(Gauge, "siskin_store_wal_bytes", Bytes, "The size of SQLite's write-ahead log.")
        .only_with("SQLite"),
    metric(
        Gauge,
        "siskin_store_size_bytes",
        Bytes,
        "The size of the database: SQLite's file, or MongoDB's collections and indexes.",
    ),
    metric(
        Gauge,
        "siskin_store_disk_free_bytes",
        Bytes,
        "What is free on the disk of the database, if the store tells.",
    ),
    metric(
        Counter,
        "siskin_store_write_failures_total",
        Count,
        "Writes that the store could not do.",
    )
    .by(&["reason"]),
    metric(
        Gauge,
        "siskin_projection_lag_events",
        Count,
        "Events that are in the log but not yet in a projection.",
    )
    .by(&["projection"]),
    metric(
        Gauge,
        "siskin_relay_lag_events",
        Count,
        "Events that are in the log but not yet acknowledged by Kafka, at the server that relays.",
    )
    .only_with("SISKIN_KAFKA_BROKERS"),
    metric(
        Gauge,
        "siskin_relay_up",
        Count,
        "1 if this server relays events to Kafka now; 0 if another one does, or none can.",
    )
    .only_with("SISKIN_KAFKA_BROKERS"),
    metric(Gauge, "siskin_hashing_queue", Count, "Passwords that are being hashed or wait for it."),
    metric(
        Histogram,
        "siskin_hashing_duration_seconds",
        Seconds,
        "What hashing a password took, waiting for a turn included.",
    ),
    metric(
        Counter,
        "siskin_mails_total",
        Count,
        "Mails that were sent, or given up after many attempts.",
    )
    .by(&["outcome"]),
    metric(Gauge, "siskin_mail_queue", Count, "Mails that wait to be sent.")
        .only_with("SISKIN_SMTP_URL"),
    metric(
        Gauge,
        "siskin_backup_last_success_timestamp_seconds",
        Seconds,
        "When the last scheduled backup succeeded, in Unix time; 0 if none did since the start and \
         none was found.",
    )
    .only_with("SISKIN_BACKUP_DIR"),
    metric(Gauge, "siskin_backup_last_duration_seconds", Seconds, "What the last backup took.")
        .only_with("SISKIN_BACKUP_DIR"),
    metric(Gauge, "siskin_backup_last_size_bytes", Bytes, "The size of the last backup.")
        .only_with("SISKIN_BACKUP_DIR"),
    metric(Counter, "siskin_backup_failures_total", Count, "Scheduled backups that failed.")
        .only_with("SISKIN_BACKUP_DIR"),
    metric(Gauge, "siskin_build_info", Count, "1; its labels say which Siskin this is.")
        .by(&["version", "commit"]),
    metric(
        Gauge,
        "siskin_ready",
        Count,
        "1 if /readyz would say ok, by the look that is taken every 5 seconds.",
    ),
    metric(
        Counter,
        "siskin_log_lines_lost_total",
        Count,
        "Log lines that nobody took from standard output fast enough.",
    ),
    metric(Gauge, "tokio_workers", Count, "Threads that run the server's tasks."),
    metric(Gauge, "tokio_alive_tasks", Count, "Tasks that have not ended."),
    metric(
        Gauge,
        "tokio_global_queue_depth",
        Count,
        "Tasks that wait in the queue that all threads share.",
    ),
    metric(
        Gauge,
        "tokio_busy_ratio",
        Count,
        "Which part of their time the threads were busy since the last scrape, 0 to 1.",
    ),
    metric(Counter, "process_cpu_seconds_total", Seconds, "Processor time, user and system.")
        .only_with("Linux"),
    metric(Gauge, "process_resident_memory_bytes", Bytes, "Resident memory.").only_with("Linux"),
    metric(Gauge, "process_open_fds", Count, "Files and sockets that are open.").only_with("Linux"),
    metric(Gauge, "process_max_fds", Count, "How many there may be; -1 if there is no limit.")
        .only_with("Linux"),
    metric(Gauge, "process_start_time_seconds", Seconds, "When the process began, in Unix time.")
        .only_with("Linux"),
];

/// Tells the recorder what its metrics mean, and begins those counters at 0 whose labels are
/// known: an alert on what grows would else miss the first of them.
pub(super) fn describe() {
    for metric in METRICS {
        let (name, unit, help) = (metric.name, metric.unit, metric.help);
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(name, unit, help),
            Kind::Gauge => metrics::describe_gauge!(name, unit, help),
            Kind::Histogram => metrics::describe_histogram!(name, unit, help),
        }
        if metric.kind == Kind::Counter && metric.labels.is_empty() && metric.only_with.is_empty() {
            metrics::counter!(name).increment(0);
        }
    }
    for limit in throttle::names() {
        metrics::counter!("siskin_throttle_refusals_total", "limit" => limit).increment(0);
    }
    for failure in Failure::ALL {
        let name = "siskin_store_write_failures_total";
        metrics::counter!(name, "reason" => failure.label()).increment(0);
    }
    for outcome in ["sent", "lost"] {
        metrics::counter!("siskin_mails_total", "outcome" => outcome).increment(0);
    }
}

/// Writes a metric that the recorder does not keep.
pub(super) fn render(name: &str, value: f64, text: &mut String) {
    use std::fmt::Write as _;
    let Some(metric) = METRICS.iter().find(|metric| metric.name == name) else { return };
    let kind = if metric.kind == Kind::Counter { "counter" } else { "gauge" };
    let help = metric.help;
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
}
