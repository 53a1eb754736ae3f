//! How the server and its store are, for admins.

use maud::{Markup, html};
use siskin_domain::Timestamp;

use super::Frame;
use crate::relative_time::{ago, exact};

/// Where the page is.
pub const PATH: &str = "/admin/status";

/// What an admin sees.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The version.
    pub version: &'static str,
    /// The commit that it was built from.
    pub commit: &'static str,
    /// Since when the process serves.
    pub since: Timestamp,
    /// Does it get requests?
    pub ready: bool,
    /// What is wrong; empty if all is well.
    pub reasons: Vec<&'static str>,
    /// The newest event that the process knows of.
    pub position: u64,
    /// How many streams are open.
    pub streams: usize,
    /// How many mails wait, if mail is sent.
    pub mails: Option<usize>,
    /// The store, if it answers.
    pub store: Option<ShownStore>,
    /// The server's own backups, if it makes any.
    pub backups: Option<ShownBackups>,
}

/// What an admin sees of backups.
#[derive(Debug, Clone)]
pub struct ShownBackups {
    /// When the newest was begun, and its size.
    pub last: Option<(Timestamp, u64)>,
    /// How many have failed since the start.
    pub failures: u64,
    /// Did the last attempt fail?
    pub failing: bool,
}

/// What an admin sees of the store.
#[derive(Debug, Clone)]
pub struct ShownStore {
    /// `sqlite` or `mongodb`.
    pub kind: &'static str,
    /// The newest event, whichever server committed it.
    pub position: u64,
    /// Bytes of the database.
    pub size: Option<u64>,
    /// Bytes of the write-ahead log.
    pub wal: Option<u64>,
    /// Bytes that are free on the disk.
    pub free: Option<u64>,
    /// Writes that wait.
    pub waiting: u64,
    /// What follows the log, and by how many events it is behind.
    pub behind: Vec<(&'static str, u64)>,
}

/// The page.
#[must_use]
pub fn content(shown: &Shown, frame: &Frame) -> Markup {
    html! {
        h1 { "Status" }
        @if shown.reasons.is_empty() {
            p.note { "Everything works." }
        } @else {
            p.form-error role="alert" {
                @if shown.ready { "Nothing can be written: " } @else { "Not ready: " }
                (shown.reasons.join("; ")) "."
            }
        }
        h2 { "This server" }
        ul {
            (fact("Version", &html! { (shown.version) " (" (shown.commit) ")" }))
            (fact("Started", &when(shown.since, frame.now)))
            (fact("Events known", &number(shown.position)))
            (fact("Open streams", &number(shown.streams as u64)))
            (fact("Mails waiting", &match shown.mails {
                Some(mails) => number(mails as u64),
                None => html! { "mail is off" },
            }))
        }
        h2 { "Store" }
        @match &shown.store {
            Some(store) => (of_store(store)),
            None => p.note { "It does not answer." },
        }
        h2 { "Backups" }
        @match &shown.backups {
            Some(backups) => (of_backups(backups, frame.now)),
            None => p.note { "This server makes none by itself." },
        }
        p.hint {
            "Numbers over time are at " code { "/metrics" } " of the address in "
            code { "SISKIN_METRICS_ADDR" } "."
        }
        p.aside { a href=(super::moderation::PATH) rel="external" { "Back to the reports" } }
    }
}

fn of_store(store: &ShownStore) -> Markup {
    let kind = match store.kind {
        "sqlite" => "SQLite",
        "mongodb" => "MongoDB",
        other => other,
    };
    html! {
        ul {
            (fact("Kind", &html! { (kind) }))
            (fact("Events", &number(store.position)))
            @for (name, behind) in &store.behind {
                (fact(&to_do(name), &number(*behind)))
            }
            (fact("Writes waiting", &number(store.waiting)))
            (size("Database", store.size))
            @if store.wal.is_some() { (size("Write-ahead log", store.wal)) }
            (size("Free on its disk", store.free))
        }
    }
}

fn of_backups(backups: &ShownBackups, now: Timestamp) -> Markup {
    html! {
        @if backups.failing {
            p.form-error role="alert" { "The last one failed; why is in the log." }
        }
        ul {
            @match backups.last {
                Some((at, bytes)) => {
                    (fact("Last", &when(at, now)))
                    (size("Its size", Some(bytes)))
                },
                None => (fact("Last", &html! { "none yet" })),
            }
            (fact("Failed since the start", &number(backups.failures)))
        }
    }
}

fn when(at: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(at) title=(exact(at)) { (ago(at, now)) } }
}

/// What others get instead.
#[must_use]
pub fn not_for_you() -> Markup {
    html! {
        h1 { "For admins" }
        p.note { "Only admins see how the server is." }
        p { a href="/" { "To the newest tweets" } }
    }
}

/// What is still to be done with events, by the name of what follows the log.
fn to_do(name: &str) -> String {
    match name {
        "live" => "Events to be told to readers".to_owned(),
        "tables" => "Events to be put into new tables".to_owned(),
        other => format!("Events to be seen by {other}"),
    }
}

fn fact(name: &str, value: &Markup) -> Markup {
    html! { li { div { (name) } div { strong { (value) } } } }
}

fn size(name: &str, bytes: Option<u64>) -> Markup {
    fact(name, &bytes.map_or_else(|| html! { "unknown" }, |bytes| html! { (in_words(bytes)) }))
}

/// With a thin space between each three digits.
fn number(number: u64) -> Markup {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    html! { (text) }
}

/// In the largest unit of which there is at least one.
fn in_words(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_fitting_units() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1_572_864, "1.5 MiB"),
            (31_371_083_776, "29.2 GiB"),
            (u64::MAX, "16777216.0 TiB"),
        ] {
            assert_eq!(in_words(bytes), words);
        }
    }

    #[test]
    fn long_numbers_are_told_in_threes() {
        for (count, text) in
            [(7, "7"), (1234, "1\u{202f}234"), (1_000_000, "1\u{202f}000\u{202f}000")]
        {
            assert_eq!(number(count).into_string(), text);
        }
    }
}
