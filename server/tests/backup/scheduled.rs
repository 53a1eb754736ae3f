//! The server's own backups: when they are made, how many stay, and what is never touched.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use siskin_domain::Timestamp;
use siskin_server::application::Clock;
use siskin_server::backup::schedule::{Kept, Pace, Schedule, good};
use siskin_server::backup::{Backups, Source};
use siskin_server::storage::{Holder, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::history::many_tweets;
use crate::place::{Place, said, siskin};
use crate::server::Server;

const PASSWORD: &str = "correct horse battery";
const HOUR: i64 = 60 * 60 * 1000;
const MINUTE: i64 = 60 * 1000;

/// Waits for a condition. Backups make way for everybody else, so it may take long where much goes on.
async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(90);
    while !condition().await {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A clock that is moved by hand.
struct Hand(AtomicI64);

impl Hand {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_800_000_000_000)))
    }

    fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.0.load(Ordering::SeqCst))
    }
}

/// A server's schedule at work: every hour, two stay.
struct Running {
    folder: PathBuf,
    backups: Backups,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    fn begin(
        number: u8,
        folder: PathBuf,
        store: &Arc<dyn Store>,
        source: Source,
        clock: &Arc<Hand>,
    ) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        let (stop, stopping) = watch::channel(false);
        let backups = Backups::default();
        let look = Duration::from_millis(5);
        let schedule = Schedule {
            folder: folder.clone(),
            every: Duration::from_millis(HOUR as u64),
            keep: 2,
            source,
            store: Arc::clone(store),
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            holder: Holder([number; 16]),
            backups: backups.clone(),
            pace: Pace { look, ..Pace::default() },
        };
        Self { folder, backups, stop, task: tokio::spawn(schedule.run(stopping)) }
    }

    /// When the last one was begun.
    fn last(&self) -> Option<Timestamp> {
        self.backups.last().map(|last| last.at)
    }

    /// Waits for one that was begun now.
    async fn makes_one(&self, clock: &Hand) {
        eventually("a backup is made", async || self.last() == Some(clock.now())).await;
    }

    async fn end(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }

    async fn times(&self) -> Vec<Timestamp> {
        good(&self.folder).await.unwrap().into_iter().map(|kept| kept.at).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_an_hour_is_made_and_two_stay_and_nothing_else_is_touched() {
    let place = Place::with(&many_tweets(50)).await;
    let store: Arc<dyn Store> = Arc::new(place.store());
    let (clock, folder) = (Hand::new(), place.file("backups"));
    std::fs::create_dir(&folder).unwrap();
    let foreign = [
        "notes.txt",
        "siskin.db",
        "siskin-20200101T000000Z.db",
        "siskin-20990101T000000Z.db",
        "siskin-20990101T000000Z.jsonl.zst",
    ];
    for name in foreign {
        std::fs::write(folder.join(name), "somebody else's").unwrap();
    }
    // What a killed server has left, and a backup by hand.
    std::fs::write(folder.join("siskin-20200101T000000Z.db.part"), "half").unwrap();
    said(&place.run(&["backup", "backups/by-hand.db"]));
    said(&place.run(&["backup", "backups/siskin-20200202T000000Z.db"]));
    let source = || Source::File(place.database());
    let running = Running::begin(1, folder.clone(), &store, source(), &clock);
    let first = clock.now();
    running.makes_one(&clock).await;
    for _ in 0..3 {
        clock.pass(HOUR - 1);
        tokio::task::yield_now().await;
        assert!(running.last() < Some(clock.now()), "not before it is due");
        clock.pass(1);
        running.makes_one(&clock).await;
    }
    let last = clock.now();
    assert_eq!(last, first.plus_ms(3 * HOUR));
    eventually("two stay", async || running.times().await == [last, last.plus_ms(-HOUR)]).await;
    let names = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    for name in foreign.iter().chain(&["by-hand.db", "siskin-20200202T000000Z.db"]) {
        assert!(names.iter().any(|other| other == name), "{name} is gone: {names:?}");
    }
    assert!(names.iter().all(|name| !name.contains(".part")), "{names:?}");
    let made = running.backups.last().unwrap();
    assert_eq!((running.backups.failures(), made.position.0), (0, 51));
    assert!(running.backups.scheduled() && made.took.is_some() && made.bytes > 0);
    running.end().await;
    // The next start finds it, and makes none before its time.
    clock.pass(HOUR / 2);
    let running = Running::begin(2, folder, &store, source(), &clock);
    eventually("the newest is found", async || running.last() == Some(last)).await;
    assert_eq!(running.backups.last().unwrap().took, None);
    clock.pass(HOUR / 2);
    running.makes_one(&clock).await;
    let path = running.backups.last().unwrap().path;
    running.end().await;
    store.close().await;
    let copy = Place::empty();
    said(&copy.run(&["restore", path.to_str().unwrap()]));
    copy.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_wrong_removes_nothing_new_and_stops_nothing() {
    let place = Place::with(&many_tweets(50)).await;
    let store: Arc<dyn Store> = Arc::new(place.store());
    let (clock, folder) = (Hand::new(), place.file("backups"));
    let source = || Source::File(place.database());
    // For a while it was a year ahead.
    clock.pass(365 * 24 * HOUR);
    let running = Running::begin(1, folder.clone(), &store, source(), &clock);
    for _ in 0..2 {
        running.makes_one(&clock).await;
        clock.pass(HOUR);
    }
    running.makes_one(&clock).await;
    let wrong = running.times().await;
    assert_eq!(wrong.len(), 2);
    clock.pass(-365 * 24 * HOUR);
    for _ in 0..2 {
        let begun = clock.now();
        let made = || running.last().filter(|last| begun <= *last && *last < wrong[1]);
        eventually("backups go on", async || {
            clock.pass(MINUTE);
            made().is_some()
        })
        .await;
        assert!(made() < Some(begun.plus_ms(2 * HOUR)), "at their time");
    }
    eventually("the newest is there, as are those that seem newer", async || {
        running.times().await == [wrong[0], wrong[1], running.last().unwrap()]
    })
    .await;
    running.end().await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_counted_and_tried_again_soon() {
    let place = Place::with(&many_tweets(50)).await;
    let store: Arc<dyn Store> = Arc::new(place.store());
    let (clock, folder) = (Hand::new(), place.file("backups"));
    let source = Source::File(place.database());
    let running = Running::begin(1, folder.clone(), &store, source, &clock);
    running.makes_one(&clock).await;
    let good = running.last();
    // The disk with the backups is away.
    std::fs::rename(&folder, place.file("away")).unwrap();
    clock.pass(HOUR);
    for (failures, wait) in [(1, MINUTE), (2, 2 * MINUTE), (3, 4 * MINUTE)] {
        let failed = || running.backups.failures() == failures;
        eventually("it fails", async || failed()).await;
        assert!(running.backups.trouble().unwrap().contains("backups"));
        assert_eq!(running.last(), good, "the last good one is still the last");
        if failures == 3 {
            std::fs::rename(place.file("away"), &folder).unwrap();
        }
        clock.pass(wait);
    }
    running.makes_one(&clock).await;
    assert_eq!((running.backups.failures(), running.backups.trouble()), (3, None));
    assert_eq!(running.times().await.len(), 2);
    running.end().await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_one_makes_them_and_the_other_steps_in() {
    let place = Place::with(&many_tweets(50)).await;
    let store: Arc<dyn Store> = Arc::new(place.store());
    let clock = Hand::new();
    let source = || Source::Shared(Arc::clone(&store));
    let one = Running::begin(1, place.file("one"), &store, source(), &clock);
    one.makes_one(&clock).await;
    let two = Running::begin(2, place.file("two"), &store, source(), &clock);
    eventually("the other one knows", async || two.backups.newest() == one.last()).await;
    for _ in 0..2 {
        clock.pass(HOUR);
        one.makes_one(&clock).await;
    }
    assert_eq!(two.last(), None, "one of two makes them");
    one.end().await;
    // When it is late, the other one does.
    clock.pass(HOUR + 5 * MINUTE);
    two.makes_one(&clock).await;
    assert_eq!(two.times().await.len(), 1);
    two.end().await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_makes_them_beside_its_work_and_says_so_in_its_metrics() {
    let place = Place::with(&many_tweets(50)).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let metrics = format!("127.0.0.1:{port}");
    let environment = [("SISKIN_BACKUP_DIR", "kept/safe"), ("SISKIN_METRICS_ADDR", &metrics)];
    let server = Server::start_with(place.path(), &environment);
    let folder = place.file("kept/safe");
    eventually("there is one", async || good(&folder).await.is_ok_and(|good| good.len() == 1))
        .await;
    let value = async |name: &str| {
        let text = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap();
        let text = text.text().await.unwrap();
        let line = text.lines().find(|line| line.starts_with(&format!("{name} ")))?.to_owned();
        line.split_once(' ').unwrap().1.parse::<f64>().ok()
    };
    eventually("it is measured", async || {
        value("siskin_backup_last_duration_seconds").await.is_some_and(|took| took > 0.0)
    })
    .await;
    let backup = good(&folder).await.unwrap().remove(0);
    assert_eq!(value("siskin_backup_last_size_bytes").await, Some(backup.bytes as f64));
    assert_eq!(value("siskin_backup_failures_total").await, Some(0.0));
    let at = value("siskin_backup_last_success_timestamp_seconds").await.unwrap();
    assert!((at - backup.at.unix_ms() as f64 / 1000.0).abs() < 0.01, "{at}");
    an_admin_sees(&place, &server.url, &backup).await;
    server.terminate();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}

/// The last backup and the sizes, by the API and on the page.
async fn an_admin_sees(place: &Place, url: &str, backup: &Kept) {
    let account = ["user", "add", "boss", "boss@example.org", "--role", "admin"];
    let added = siskin(place.path(), &format!("sqlite://{}", place.database().display()), &account)
        .env("SISKIN_PASSWORD", PASSWORD)
        .output()
        .unwrap();
    said(&added);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    let client = client.unwrap();
    let form = [("username", "boss"), ("password", PASSWORD)];
    let entered = client.post(format!("{url}/login")).form(&form).send().await.unwrap();
    let cookie = entered.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let get = async |path: &str| {
        let request = client.get(format!("{url}{path}")).header("cookie", cookie);
        request.send().await.unwrap().error_for_status().unwrap().text().await.unwrap()
    };
    let status: serde_json::Value =
        serde_json::from_str(&get("/api/v1/admin/status").await).unwrap();
    let shown = &status["backups"];
    assert_eq!(shown["last_at"], backup.at.to_string());
    assert_eq!((&shown["last_bytes"], &shown["failures"]), (&backup.bytes.into(), &0.into()));
    let store = &status["store"];
    for size in ["size_bytes", "wal_bytes", "disk_free_bytes"] {
        assert!(store[size].as_u64().is_some_and(|bytes| bytes > 0), "{store}");
    }
    let page = get("/admin/status").await;
    for shown in
        [&format!("datetime=\"{}\"", backup.at), "Its size", "Database", "Free on its disk"]
    {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}
