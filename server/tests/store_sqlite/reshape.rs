//! Projections of an earlier version's shape are made anew while the store is used.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use siskin_domain::user::ProfileUpdate;
use siskin_domain::{Email, TweetId, UserId, Username};
use siskin_server::storage::contract::scene::Scene;
use siskin_server::storage::{Audience, SqliteOptions, SqliteStore};

use crate::place::{place, scene, scene_on, sql};

/// What an earlier version might have left: a mark of its own, and columns that say less.
const OF_EARLIER: &str = "UPDATE projected SET shape = 0;
    UPDATE users SET name = '', tweets_count = 0; UPDATE tweets SET at = 0 WHERE id % 2 = 0;
    DELETE FROM tweets WHERE id % 7 = 0;";

/// Enough tweets for several portions.
async fn many_tweets(scene: &Scene, by: UserId) {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let scene = scene.clone();
        tasks.spawn(async move {
            for _ in 0..110 {
                scene.post(by, "one of many").await;
            }
        });
    }
    tasks.join_all().await;
}

/// A trigger that lets nobody get further than this.
fn stop_after(position: u64) -> String {
    format!(
        "CREATE TRIGGER stop BEFORE UPDATE ON projected WHEN NEW.position > {position}
         BEGIN SELECT RAISE(ABORT, 'stopped here'); END"
    )
}

fn tables(path: &Path) -> Vec<String> {
    let conn = Connection::open(path).unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut select = conn.prepare(sql).unwrap();
    select.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Index names without the letter that tells which turn they are of, and what they are on.
fn indexes(path: &Path) -> Vec<(String, String)> {
    let conn = Connection::open(path).unwrap();
    let sql = "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
    let mut select = conn.prepare(sql).unwrap();
    let rows = select.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let base = |name: String| name.trim_end_matches("_a").trim_end_matches("_b").to_owned();
    let mut found: Vec<_> = rows.map(Result::unwrap).map(|(name, on)| (base(name), on)).collect();
    found.sort();
    found
}

fn position(path: &Path) -> i64 {
    let conn = Connection::open(path).unwrap();
    conn.query_row("SELECT position FROM projected", (), |row| row.get(0)).unwrap()
}

/// A scene whose store waits for others on the file for as long as a slow disk may need: SQLite's lock
/// goes to whoever comes at the right moment, so that one of several may wait for all that the others do.
fn patient_scene(path: &Path, first: u64) -> Scene {
    let busy_timeout = Duration::from_secs(60);
    let options = SqliteOptions { busy_timeout, ..SqliteOptions::new(path) };
    scene_on(SqliteStore::open_with(options).unwrap(), first)
}

/// Longer than anything takes that ends at all.
const FOR_GOOD: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_shape_is_made_anew_while_people_write_and_read() {
    let place = place();
    let scene = scene(&place.path, 1);
    let ana = scene.register("ana").await;
    let gone = scene.register("gone").await;
    many_tweets(&scene, ana).await;
    scene.post(gone, "soon forgotten").await;
    scene.delete_user(gone).await;
    let (tables_before, indexes_before) = (tables(&place.path), indexes(&place.path));
    sql(&place.path, OF_EARLIER);
    assert!(!scene.store.verify_projections().await.unwrap().differences.is_empty());

    let done = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (scene, done) = (scene.clone(), Arc::clone(&done));
        async move {
            let mut written: Vec<TweetId> = Vec::new();
            while !done.load(Ordering::Relaxed) || written.is_empty() {
                written.push(scene.post(ana, "meanwhile").await);
                let read = scene.store.find_user(ana, Audience::All).await.unwrap();
                assert!(read.is_some(), "reading goes on");
            }
            written
        }
    });
    let events = scene.store.reshape_projections().await.unwrap();
    done.store(true, Ordering::Relaxed);
    let written = writing.await.unwrap();
    assert!(events >= 3520, "{events}");
    assert!(!written.is_empty());
    scene.sound().await;
    assert_eq!(tables(&place.path), tables_before, "nothing is left over");
    assert_eq!(indexes(&place.path), indexes_before);
    assert_eq!(scene.store.reshape_projections().await.unwrap(), 0, "once is enough");
    for _ in 0..3 {
        scene.store.rebuild_projections().await.unwrap();
        scene.sound().await;
        assert_eq!(indexes(&place.path), indexes_before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_where_it_was_interrupted() {
    let place = place();
    let first = scene(&place.path, 1);
    let ana = first.register("ana").await;
    many_tweets(&first, ana).await;
    sql(&place.path, OF_EARLIER);
    sql(&place.path, &stop_after(2000));
    first.store.reshape_projections().await.unwrap_err();
    first.post(ana, "writing goes on").await;
    first.store.close().await;
    drop(first);
    assert_eq!(position(&place.path), 2000);

    let second = scene(&place.path, 10_000);
    assert!(second.store.find_user(ana, Audience::All).await.unwrap().is_some());
    // What was made already is not made again.
    sql(&place.path, "DROP TRIGGER stop; UPDATE next_users SET bio = 'made by the first'");
    assert_eq!(second.store.reshape_projections().await.unwrap(), 3522);
    let seen = second.store.find_user(ana, Audience::All).await.unwrap().unwrap();
    assert_eq!(seen.bio.as_str(), "made by the first");
    second.store.rebuild_projections().await.unwrap();
    second.sound().await;
}

/// Somebody is forgotten between two portions, of which the first has their name and the second has
/// who took it over.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_forgotten_meanwhile_is_in_nobodys_way() {
    let place = place();
    let scene = scene(&place.path, 1);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    scene.post(ana, "soon forgotten").await;
    many_tweets(&scene, ben).await;
    let username = Some(Username::parse("anna").unwrap());
    let email = Some(Email::parse("anna@example.org").unwrap());
    let changes = ProfileUpdate { username, email, ..Default::default() };
    scene.update(ana, changes).await.unwrap();
    let heir = scene.register("ana").await;
    scene.post(ana, "forgotten, too").await;
    sql(&place.path, "UPDATE projected SET shape = 0");
    sql(&place.path, &stop_after(2000));
    scene.store.reshape_projections().await.unwrap_err();
    assert_eq!(position(&place.path), 2000);
    scene.delete_user(ana).await;
    sql(&place.path, "DROP TRIGGER stop");
    assert_eq!(scene.store.reshape_projections().await.unwrap(), scene.log().await.len() as u64);
    assert!(scene.store.find_user(heir, Audience::All).await.unwrap().is_some());
    scene.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_may_do_it_at_once() {
    let place = place();
    let here = patient_scene(&place.path, 1);
    let ana = here.register("ana").await;
    many_tweets(&here, ana).await;
    sql(&place.path, OF_EARLIER);
    let there = patient_scene(&place.path, 10_000);
    let both = tokio::time::timeout(FOR_GOOD, async {
        tokio::join!(here.store.reshape_projections(), there.store.reshape_projections())
    });
    let (one, other) = both.await.expect("nobody waits for good");
    assert!(one.unwrap().max(other.unwrap()) >= 3521);
    here.sound().await;
    assert_eq!(there.store.reshape_projections().await.unwrap(), 0);
}

/// Another process begins a rebuild and is killed at once: what was made here is gone, and nobody else
/// makes it.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_has_thrown_away_is_made_again() {
    let place = place();
    let scene = scene(&place.path, 1);
    let ana = scene.register("ana").await;
    many_tweets(&scene, ana).await;
    let before = tables(&place.path);
    for rebuild in [false, true] {
        sql(&place.path, OF_EARLIER);
        sql(
            &place.path,
            "CREATE TABLE once (one INTEGER PRIMARY KEY); INSERT INTO once VALUES (1);
             CREATE TRIGGER thrown_away AFTER UPDATE ON projected
             WHEN NEW.position = 2000 AND EXISTS (SELECT 1 FROM once)
             BEGIN DELETE FROM once; UPDATE projected SET building = NULL, position = 0; END",
        );
        let store = &scene.store;
        let events =
            if rebuild { store.rebuild_projections() } else { store.reshape_projections() };
        assert_eq!(events.await.unwrap(), 3521);
        scene.sound().await;
        sql(&place.path, "DROP TRIGGER thrown_away; DROP TABLE once");
        assert_eq!(tables(&place.path), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_may_begin_and_end_in_any_order() {
    let place = place();
    let here = patient_scene(&place.path, 1);
    let ana = here.register("ana").await;
    for _ in 0..20 {
        here.post(ana, "one of few").await;
    }
    let there = patient_scene(&place.path, 10_000);
    let third = patient_scene(&place.path, 20_000);
    for round in 0..40 {
        sql(&place.path, "UPDATE projected SET shape = 0");
        let all = tokio::time::timeout(FOR_GOOD, async {
            tokio::join!(
                here.store.reshape_projections(),
                there.store.rebuild_projections(),
                third.store.reshape_projections(),
            )
        });
        let (one, other, another) = all.await.expect("nobody waits for good");
        for result in [one.map(drop), other.map(drop), another.map(drop)] {
            assert!(result.is_ok(), "{result:?} in round {round}");
        }
        here.store.reshape_projections().await.unwrap();
        here.sound().await;
        assert!(tables(&place.path).iter().all(|name| !name.starts_with("old_")), "round {round}");
    }
}
