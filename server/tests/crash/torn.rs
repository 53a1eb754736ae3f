//! Files that are not as they were left: a write-ahead log with a torn end, a database with a broken page.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use siskin_server::storage::SqliteStore;
use siskin_server::storage::contract::scene::Scene;

use crate::load::{Load, Told, sign_up};
use crate::place::{Place, check, get, post, ready, whole};
use crate::server;
use crate::wait::eventually;

const PAGE: u64 = 4096;
/// A page in the write-ahead log, with its head.
const FRAME: u64 = PAGE + 24;

/// A folder whose server was killed while people tweeted.
async fn killed() -> (Place, Told) {
    let place = Place::new();
    let mut server = place.start();
    let (_, token) = sign_up(&server.url, "ana").await;
    let load = Load::begin(std::slice::from_ref(&server.url), &token);
    eventually("all write", async || load.acknowledged() >= 100).await;
    let told = load.end().await;
    server.kill();
    (place, told)
}

/// The folder's files, elsewhere.
fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for name in ["siskin.db", "siskin.db-wal"] {
        std::fs::copy(from.join(name), to.path().join(name)).unwrap();
    }
    to
}

fn log_of(folder: &Path) -> File {
    File::options().read(true).write(true).open(folder.join("siskin.db-wal")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_flushed_may_be_torn() {
    let (place, told) = killed().await;
    let end = log_of(place.path()).metadata().unwrap().len();
    let garbage: Vec<u8> = (0..FRAME).map(|n| (n * 31 % 251) as u8).collect();
    for torn in [7, 512, FRAME / 2, FRAME] {
        let folder = copy(place.path());
        log_of(folder.path()).write_all_at(&garbage[..torn as usize], end).unwrap();
        check(&folder.path().join("siskin.db"), &told).await;
    }
    // A whole frame that is well formed, but of another time: its sums do not follow.
    let folder = copy(place.path());
    let log = log_of(folder.path());
    let mut frame = vec![0; FRAME as usize];
    log.read_exact_at(&mut frame, 32).unwrap();
    log.write_all_at(&frame, end).unwrap();
    check(&folder.path().join("siskin.db"), &told).await;
    // And by the executable.
    let verified = server::run(folder.path(), &["projections", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

/// A disk that loses what it said it had flushed loses the last transactions, and never the middle of one.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_last_page_is_broken_loses_its_end_and_nothing_else() {
    let (place, told) = killed().await;
    let end = log_of(place.path()).metadata().unwrap().len();
    let folder = copy(place.path());
    let store = SqliteStore::open(&folder.path().join("siskin.db")).unwrap();
    let all = Scene::new(std::sync::Arc::new(store)).log().await;
    for (cut, garbled) in [(1, false), (FRAME / 2, false), (FRAME, false), (FRAME / 2, true)] {
        let folder = copy(place.path());
        let log = log_of(folder.path());
        if garbled {
            log.write_all_at(&[0xA5; 512], end - cut).unwrap();
        } else {
            log.set_len(end - cut).unwrap();
        }
        drop(log);
        let database = folder.path().join("siskin.db");
        let scene = Scene::new(std::sync::Arc::new(SqliteStore::open(&database).unwrap()));
        scene.sound().await;
        let left = scene.log().await;
        assert_eq!(left, all[..left.len()], "what is there is as it was");
        assert!(all.len() - left.len() <= 8, "{} of {}", left.len(), all.len());
        drop(scene);
        whole(&database);
    }
    assert!(told.acknowledged.len() >= 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_page_ends_readiness_and_writes_and_says_what_to_do() {
    let (place, _) = killed().await;
    // Everything goes from the log into the database.
    place.start().terminate();
    let database = place.database();
    let page: u64 = rusqlite::Connection::open(&database)
        .unwrap()
        .query_row(
            "SELECT pageno FROM dbstat WHERE name = 'events' AND pagetype = 'leaf' LIMIT 1",
            (),
            |row| row.get(0),
        )
        .unwrap();
    let file = File::options().write(true).open(&database).unwrap();
    file.write_all_at(&[0xA5; PAGE as usize], (page - 1) * PAGE).unwrap();
    // As after a crash.
    std::fs::write(place.path().join("siskin.db-wal"), [0; 32]).unwrap();
    let server = place.start();
    eventually("it is found", async || ready(&server).await.0 == 503).await;
    assert_eq!(ready(&server).await.1, "the store is damaged\n");
    assert!(server.has_said("nothing is written to the database any more"));
    assert!(server.has_said("siskin restore"));
    // Nobody can sign up, or change anything else; what can be read is.
    let body =
        serde_json::json!({"username": "ben", "email": "b@example.org", "password": "long enough"});
    let request = crate::load::client().post(format!("{}/api/v1/users", server.url)).json(&body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(post(&server, "no token", "x").await.status(), 401);
    assert_eq!(get(&server, "/livez").await.status(), 200);
    assert_eq!(get(&server, "/api/v2/tweets").await.status(), 200, "the page is of another table");
    server.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_beginning_is_refused_in_one_sentence() {
    let (place, _) = killed().await;
    place.start().terminate();
    let file = File::options().write(true).open(place.database()).unwrap();
    file.write_all_at(&[0xA5; 512], 0).unwrap();
    let before = std::fs::read(place.database()).unwrap();
    let done = server::run(place.path(), &["serve"]);
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    for words in ["SISKIN_DATABASE_URL", "siskin.db", "damaged", "siskin restore"] {
        assert!(said.contains(words), "{said}");
    }
    assert!(std::fs::read(place.database()).unwrap() == before, "it is left as it is");
}
