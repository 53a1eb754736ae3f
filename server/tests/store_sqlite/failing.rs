//! What fails without doing harm: locks, disks, the process itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use siskin_domain::Position;
use siskin_server::storage::contract::scene::{Scene, time, token};
use siskin_server::storage::{
    Audience, Page, ReadModels, SessionKind, SqliteOptions, SqliteStore, StoreError,
};

use crate::place::{place, scene};

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
    assert_eq!(scene.store.list_tweets(Page::newest(9), Audience::All).await.unwrap(), []);
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
                    Err(StoreError::DiskFull(why)) => break (done, why),
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
        assert!(roomy.store.find_tweet(id, Audience::All).await.unwrap().is_some());
    }
    roomy.post(ana, "room again").await;
    roomy.sound().await;
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
            .args([
                "--exact",
                "failing::child_that_writes_until_it_is_killed",
                "--ignored",
                "--nocapture",
            ])
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
            assert!(
                store.find_tweet(*id, Audience::All).await.unwrap().is_some(),
                "{id} was acknowledged"
            );
        }
        Scene::new(Arc::new(store)).sound().await;
    }
}
