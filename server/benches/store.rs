//! How many durable tweets a second the SQLite store takes, beside raw SQLite in the same run.
//!
//! `cargo bench -p siskin --bench store`

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{Profile, UserEvent};
use siskin_domain::{
    DisplayName, Email, Role, StreamId, Timestamp, TweetBody, TweetId, UserId, Username,
};
use siskin_server::storage::{Append, EventStore, Expected, Maintenance, SqliteStore};

const FOR: Duration = Duration::from_secs(4);
const BODY: &str = "How you doing? A tweet of ordinary length, with a #tag and a @mention or two.";

#[expect(clippy::print_stdout, reason = "figures are what a bench is for")]
fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    for per_commit in [1, 64, 100] {
        let path = folder.path().join(format!("raw{per_commit}.db"));
        let cost = measure(|| raw(&path, per_commit));
        println!("raw rusqlite, event row + tweet row, {per_commit:>3} per commit: {cost}");
    }
    for callers in [1, 64, 256] {
        let path = folder.path().join(format!("store{callers}.db"));
        let cost = measure(|| store(&path, callers));
        println!("SqliteStore::append of TweetPosted, {callers:>3} callers:      {cost}");
    }
}

/// Runs something that returns how often it did it; says how often a second, and at what cost in
/// processor time, which does not depend on what else the machine does.
fn measure(run: impl FnOnce() -> u64) -> String {
    let (start, cpu) = (Instant::now(), cpu_ms());
    let times = run() as f64;
    let rate = times / start.elapsed().as_secs_f64();
    let each = (cpu_ms() - cpu) * 1000.0 / times;
    format!("{rate:>8.0}/s  {each:>6.1} µs of processor time each")
}

/// Processor time of this process so far, by Linux's account; 0 elsewhere.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.split(' ').collect();
    let ticks = |n: usize| fields.get(n).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(13) + ticks(14)) * 10.0
}

/// The least that anything could do: two inserts, and a commit now and then.
fn raw(path: &Path, per_commit: u64) -> u64 {
    let conn = rusqlite::Connection::open(path).expect("a database");
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER,
           kind TEXT, at INTEGER, data TEXT, UNIQUE (stream, version)) STRICT;
         CREATE TABLE tweets (id INTEGER PRIMARY KEY, author INTEGER, body TEXT, at INTEGER) STRICT;
         CREATE INDEX tweets_by_author ON tweets (author, id);",
    )
    .expect("tables");
    let mut event = conn
        .prepare("INSERT INTO events VALUES (?1, ?2, 1, 'TweetPosted', ?1, ?3)")
        .expect("a statement");
    let mut tweet = conn.prepare("INSERT INTO tweets VALUES (?1, 7, ?2, ?1)").expect("a statement");
    let (start, mut n) = (Instant::now(), 0u64);
    while start.elapsed() < FOR {
        conn.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        for _ in 0..per_commit {
            n += 1;
            let id = n as i64;
            event.execute((id, format!("tweet-{id}"), BODY)).expect("an event");
            tweet.execute((id, BODY)).expect("a tweet");
        }
        conn.execute_batch("COMMIT").expect("a commit");
    }
    n
}

/// The same through the store, with everything it promises.
fn store(path: &Path, callers: u64) -> u64 {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("tokio");
    runtime.block_on(async {
        let store = Arc::new(SqliteStore::open(path).expect("a store"));
        let author = UserId::new(7).expect("an id");
        store.append(registered(author)).await.expect("a registration");
        let next = Arc::new(AtomicU64::new(1));
        let start = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..callers {
            let (store, next) = (Arc::clone(&store), Arc::clone(&next));
            tasks.spawn(async move {
                while start.elapsed() < FOR {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    store.append(posted(author, id)).await.expect("an append");
                }
            });
        }
        tasks.join_all().await;
        let appended = store.position().0;
        store.close().await;
        appended
    })
}

fn registered(user: UserId) -> Append {
    let profile = Profile {
        username: Username::parse("ana").expect("a name"),
        email: Email::parse("ana@example.org").expect("an address"),
        name: DisplayName::parse("Ana").expect("a name"),
    };
    let event = UserEvent::Created { role: Role::User, profile: Some(profile) };
    append(StreamId::User(user), event.into())
}

fn posted(author: UserId, id: u64) -> Append {
    let stream = StreamId::Tweet(TweetId::new(4_362_076_160_000 + id).expect("an id"));
    let body = Some(TweetBody::recorded(BODY.to_owned()));
    append(stream, TweetEvent::Posted { author, body }.into())
}

fn append(stream: StreamId, event: siskin_domain::Event) -> Append {
    let at = Timestamp::from_unix_ms(1_750_000_000_000);
    let (expected, events) = (Expected::Empty, vec![event]);
    Append { stream, expected, events, at, actor: None, effects: vec![] }
}
