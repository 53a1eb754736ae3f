//! What only the SQLite store promises: about its file, and about others who use it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use siskin_domain::{Position, Recorded, StreamId};
use siskin_server::storage::contract::scene::{Scene, credential, session, time, token};
use siskin_server::storage::{
    Difference, Effect, Page, ReadModels, SessionKind, SqliteOptions, SqliteStore, StoreError,
};

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("siskin.db");
    Place { _folder: folder, path }
}

/// A scene on the file, whose ids begin where `first` says.
fn scene(path: &Path, first: u64) -> Scene {
    let scene = Scene::new(Arc::new(SqliteStore::open(path).unwrap()));
    while scene.number() + 1 < first {}
    scene
}

fn sql(path: &Path, statements: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(statements).unwrap();
}

/// Waits for a condition; fails if it does not come true within ten seconds.
async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition().await {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_reopening() {
    let place = place();
    let first = scene(&place.path, 1);
    let ana = first.register("ana").await;
    first.effects(ana, vec![credential(ana, "hash")]).await.unwrap();
    first.start(ana, 1, SessionKind::Cookie, 100).await;
    let tweet = first.post(ana, "one").await;
    let (log, position) = (first.log().await, first.store.position());
    drop(first);
    for closed in [false, true] {
        let again = scene(&place.path, 100);
        assert_eq!(again.store.position(), position);
        assert_eq!(again.log().await, log);
        assert_eq!(again.store.find_tweet(tweet).await.unwrap().unwrap().body, "one");
        assert!(again.store.credential_of(ana).await.unwrap().is_some());
        assert!(again.store.find_session(&token(1), time(1)).await.unwrap().is_some());
        again.sound().await;
        if closed {
            again.store.close().await;
        }
    }
    let again = scene(&place.path, 200);
    again.post(ana, "two").await;
    assert_eq!(again.store.position(), Position(position.0 + 1));
    again.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_run_once() {
    let place = place();
    let schema = || {
        let conn = rusqlite::Connection::open(&place.path).unwrap();
        let version: i64 = conn.query_row("PRAGMA user_version", (), |row| row.get(0)).unwrap();
        let mut select = conn.prepare("SELECT coalesce(sql, '') FROM sqlite_schema").unwrap();
        let sql: Vec<String> = select.query_map((), |row| row.get(0)).unwrap().flatten().collect();
        (version, sql)
    };
    drop(scene(&place.path, 1));
    let first = schema();
    assert!(first.0 >= 1 && first.1.len() > 6);
    drop(scene(&place.path, 1));
    assert_eq!(schema(), first);
}

#[tokio::test]
async fn what_is_not_ours_is_refused_in_one_sentence() {
    let place = place();
    drop(SqliteStore::open(&place.path).unwrap());
    sql(&place.path, "PRAGMA user_version = 99");
    let refused = SqliteStore::open(&place.path).unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt(_)));
    assert!(refused.to_string().contains("newer version of siskin"), "{refused}");

    let other = place.path.with_file_name("other.db");
    sql(&other, "CREATE TABLE accounts (id)");
    let refused = SqliteStore::open(&other).unwrap_err();
    assert!(refused.to_string().contains("another program"), "{refused}");

    let text = place.path.with_file_name("notes.txt");
    std::fs::write(&text, "Not a database, but notes of somebody. ".repeat(200)).unwrap();
    assert!(matches!(SqliteStore::open(&text), Err(StoreError::Corrupt(_))));
    assert!(std::fs::read_to_string(&text).unwrap().starts_with("Not a database"));

    let missing = place.path.with_file_name("missing.db");
    let options = SqliteOptions { create: false, ..SqliteOptions::new(&missing) };
    assert!(matches!(SqliteStore::open_with(options), Err(StoreError::Unavailable(_))));
    assert!(!missing.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let scene = scene(&place.path, 1);
    scene.register("ana").await;
    for file in std::fs::read_dir(place.path.parent().unwrap()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_writes_is_seen() {
    let place = place();
    let (here, there) = (scene(&place.path, 1), scene(&place.path, 500));
    let mut live = here.store.subscribe();
    let generation = here.store.generation();
    let ana = there.register("ana").await;
    assert!(here.store.find_user(ana).await.unwrap().is_some(), "queries see it at once");
    eventually("the position moves", async || here.store.position() == Position(1)).await;
    assert_ne!(here.store.generation(), generation);
    // No wait this time: the writer meets the other's event when it has the lock.
    there.post(ana, "there").await;
    here.post(ana, "here").await;
    let mut seen: Vec<Recorded> = Vec::new();
    while seen.len() < 3 {
        let events = tokio::time::timeout(Duration::from_secs(10), live.recv()).await.unwrap();
        seen.extend(events.unwrap().iter().cloned());
    }
    assert_eq!(seen, here.log().await);
    // A change without an event, too.
    let generation = here.store.generation();
    there.store.rebuild_projections().await.unwrap();
    eventually("the generation moves", async || here.store.generation() != generation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_at_once() {
    let place = place();
    let scenes = [scene(&place.path, 1), scene(&place.path, 5000)];
    let ana = scenes[0].register("ana").await;
    let mut lives = scenes.clone().map(|scene| scene.store.subscribe());
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..16 {
        let scene = scenes[n % 2].clone();
        tasks.spawn(async move {
            for _ in 0..10 {
                scene.post(ana, "at once").await;
            }
        });
    }
    tasks.join_all().await;
    scenes[0].sound().await;
    let log = scenes[0].log().await;
    assert_eq!(log.len(), 161);
    for live in &mut lives {
        let mut seen: Vec<Recorded> = Vec::new();
        while seen.last().is_none_or(|last| last.position < Position(161)) {
            let events = tokio::time::timeout(Duration::from_secs(10), live.recv()).await.unwrap();
            seen.extend(events.unwrap().iter().cloned());
        }
        // The first event is there or not, as its own process looked before or after.
        let from = seen[0].position.0 as usize - 1;
        assert!(from <= 1);
        assert_eq!(seen, log[from..]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_another_process_keeps_is_unavailable_and_passes() {
    let place = place();
    let busy_timeout = Duration::from_millis(50);
    let options = SqliteOptions { busy_timeout, ..SqliteOptions::new(&place.path) };
    let scene = Scene::new(Arc::new(SqliteStore::open_with(options).unwrap()));
    let ana = scene.register("ana").await;
    let other = rusqlite::Connection::open(&place.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let scene = scene.clone();
        tasks.spawn(async move { scene.try_post(scene.tweet_id(), ana, "late").await });
    }
    for answer in tasks.join_all().await {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    assert!(scene.store.ping().await.is_err());
    assert_eq!(scene.store.list_tweets(Page::newest(9)).await.unwrap(), []);
    other.execute_batch("ROLLBACK").unwrap();
    scene.store.ping().await.unwrap();
    scene.post(ana, "now").await;
    assert_eq!(scene.store.position(), Position(2));
    scene.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_and_passes() {
    let place = place();
    let options = SqliteOptions { max_pages: Some(60), ..SqliteOptions::new(&place.path) };
    let scene = Scene::new(Arc::new(SqliteStore::open_with(options).unwrap()));
    let mut live = scene.store.subscribe();
    let ana = scene.register("ana").await;
    scene.start(ana, 1, SessionKind::Cookie, 100_000).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let scene = scene.clone();
        tasks.spawn(async move {
            let mut done = Vec::new();
            loop {
                let id = scene.tweet_id();
                match scene.try_post(id, ana, &"long ".repeat(100)).await {
                    Ok(_) => done.push(id),
                    Err(StoreError::Unavailable(why)) => break (done, why),
                    Err(other) => panic!("{other:?}"),
                }
            }
        });
    }
    let mut acknowledged = Vec::new();
    for (done, why) in tasks.join_all().await {
        assert!(why.contains("full"), "{why}");
        acknowledged.extend(done);
    }
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    assert_eq!(scene.store.position(), Position(acknowledged.len() as u64 + 1));
    assert_eq!(scene.log().await.len(), acknowledged.len() + 1);
    scene.sound().await;
    // What needs no room still works: the writer has recovered.
    scene.store.touch_session(&token(1), time(5)).await.unwrap();
    // Nothing was published that was not committed.
    let mut published = 0;
    while let Ok(events) = live.try_recv() {
        published += events.len();
    }
    assert_eq!(published, acknowledged.len() + 1);
    scene.store.close().await;
    let roomy = scene.on(Arc::new(SqliteStore::open(&place.path).unwrap()));
    for id in acknowledged {
        assert!(roomy.store.find_tweet(id).await.unwrap().is_some());
    }
    roomy.post(ana, "room again").await;
    roomy.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_finds_every_tampering() {
    let place = place();
    let scene = scene(&place.path, 1);
    let ana = scene.register("ana").await;
    let ben = scene.register("ben").await;
    let tweets =
        [scene.post(ana, "one").await, scene.post(ana, "two").await, scene.post(ben, "x").await];
    sql(
        &place.path,
        &format!(
            "UPDATE tweets SET body = 'forged', at = 1 WHERE id = {};
             DELETE FROM tweets WHERE id = {};
             INSERT INTO tweets VALUES (5, {ben}, 'planted', 1);
             UPDATE users SET role = 'admin' WHERE id = {ben};",
            tweets[0], tweets[1]
        ),
    );
    let found = scene.store.verify_projections().await.unwrap();
    let difference = |projection, key: u64, what: &str| Difference {
        projection,
        key: key.to_string(),
        what: what.to_owned(),
    };
    let expected = [
        difference("users", ben.get(), "differs in role"),
        difference("tweets", 5, "is not in the log"),
        difference("tweets", tweets[0].get(), "differs in body, at"),
        difference("tweets", tweets[1].get(), "is missing"),
    ];
    assert_eq!(found.differences, expected);
    assert_eq!(scene.store.rebuild_projections().await.unwrap(), 5);
    scene.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_understood_is_corrupt_and_stops_nobody() {
    let place = place();
    let scene = scene(&place.path, 1);
    let ana = scene.register("ana").await;
    sql(
        &place.path,
        "INSERT INTO events VALUES (2, 'tweet-9', 1, 'TweetLiked', 7, 1, NULL, '{}', NULL)",
    );
    let position = scene.store.position();
    assert_eq!(position, Position(1));
    let tweet = scene.post(ana, "still alive").await;
    assert_eq!(scene.store.position(), Position(3));
    assert_eq!(scene.store.load(StreamId::Tweet(tweet)).await.unwrap().len(), 1);
    let refused = scene.store.read_all(Position(0), 10).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    let refused = scene.store.rebuild_projections().await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    assert!(scene.store.find_user(ana).await.unwrap().is_some(), "the rebuild was undone");
    scene.post(ana, "and again").await;
}

/// Which of the words are in the database file or beside it.
fn found_in_files<'a>(path: &Path, words: &'a [String]) -> Vec<&'a str> {
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let text = String::from_utf8_lossy(&bytes);
    words.iter().map(String::as_str).filter(|word| text.contains(word)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_words_leave_the_files_while_the_store_is_open() {
    let place = place();
    let scene = scene(&place.path, 1);
    let ana = scene.register("anastasia").await;
    let ben = scene.register("benjamin").await;
    let gone = scene.post(ana, "unmistakable words").await;
    scene.post(ben, "words that stay").await;
    let effects = vec![
        credential(ana, "unmistakable-hash"),
        Effect::StartSession(session(ana, 9, SessionKind::Bearer, 100)),
    ];
    scene.effects(ana, effects).await.unwrap();
    let words = ["unmistakable", "anastasia", "session 9"].map(str::to_owned);
    assert_eq!(found_in_files(&place.path, &words), words, "the test would see them");
    scene.delete_tweet(gone, ana).await;
    scene.delete_user(ana).await;
    eventually("the words are gone", async || found_in_files(&place.path, &words).is_empty()).await;
    let stay = ["benjamin".to_owned(), "words that stay".to_owned()];
    assert_eq!(found_in_files(&place.path, &stay), stay);
    scene.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_erased_users_nothing_is_left() {
    let place = place();
    let scene = scene(&place.path, 1);
    let mut words = Vec::new();
    let mut users = Vec::new();
    // Names in no order, so that pages are split in the middle and rows move.
    for n in 0..400u64 {
        let name = format!("u{:08x}z", (n + 1).wrapping_mul(2_654_435_761) as u32);
        let user = scene.register(&name).await;
        let text = format!("secret-{name} {}", "filler ".repeat(n as usize % 30));
        let tweet = scene.post(user, &text).await;
        users.push((user, tweet, name));
    }
    for (n, (user, tweet, name)) in users.into_iter().enumerate() {
        match n % 4 {
            0 | 1 => {
                scene.delete_user(user).await;
                words.push(name);
            }
            2 => {
                scene.delete_tweet(tweet, user).await;
                words.push(format!("secret-{name}"));
            }
            _ => {}
        }
    }
    scene.sound().await;
    // Copies in the unused space of pages go within a day: see chores.rs.
    let day = 24 * 60 * 60;
    scene.store.sweep(time(scene.number() + day)).await.unwrap();
    eventually("all words are gone", async || found_in_files(&place.path, &words).is_empty()).await;
    let size = std::fs::metadata(&place.path).unwrap().len();
    scene.store.sweep(time(scene.number() + 2 * day)).await.unwrap();
    assert_eq!(std::fs::metadata(&place.path).unwrap().len(), size);
    scene.sound().await;
}

/// What the child process of the next test does: write for ever, and say what is acknowledged.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by a_killed_writer_loses_nothing in a process of its own"]
async fn child_that_writes_until_it_is_killed() {
    let Ok(path) = std::env::var("SISKIN_TEST_STORE") else { return };
    let first = std::env::var("SISKIN_TEST_FIRST").unwrap().parse().unwrap();
    let scene = scene(Path::new(&path), first);
    let author = scene.register(&format!("writer{first}")).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let scene = scene.clone();
        tasks.spawn(async move {
            loop {
                let tweet = scene.post(author, "acknowledged").await;
                println!("\nACK {tweet}");
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_writer_loses_nothing() {
    use std::io::{BufRead, BufReader};
    let place = place();
    let mut acknowledged = Vec::new();
    for round in 0..5u64 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_writes_until_it_is_killed", "--ignored", "--nocapture"])
            .env("SISKIN_TEST_STORE", &place.path)
            .env("SISKIN_TEST_FIRST", (1 + round * 100_000).to_string())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        while let Some(Ok(line)) = lines.next() {
            if let Some(id) = line.strip_prefix("ACK ") {
                acknowledged.push(id.parse().unwrap());
                seen += 1;
                if seen == 20 + 37 * round {
                    child.kill().unwrap();
                }
            }
        }
        assert!(seen >= 20 + 37 * round, "the child ended by itself");
        child.wait().unwrap();
        let store = SqliteStore::open(&place.path).unwrap();
        for id in &acknowledged {
            assert!(store.find_tweet(*id).await.unwrap().is_some(), "{id} was acknowledged");
        }
        Scene::new(Arc::new(store)).sound().await;
    }
}
