//! What is erased leaves the files.

use std::path::Path;

use siskin_server::storage::contract::scene::{credential, session, time};
use siskin_server::storage::{Effect, SessionKind};

use crate::place::{eventually, place, scene, sql};

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

/// A rebuild that was killed has copied what is erased later, and nobody begins another one.
#[tokio::test(flavor = "multi_thread")]
async fn erased_words_leave_what_an_interrupted_rebuild_has_left() {
    let place = place();
    let scene = scene(&place.path, 1);
    let ana = scene.register("anastasia").await;
    for _ in 0..1000 {
        scene.post(ana, "unmistakable words").await;
    }
    sql(
        &place.path,
        "CREATE TRIGGER stop BEFORE UPDATE ON projected WHEN NEW.building IS NULL AND NEW.shape > 0
         BEGIN SELECT RAISE(ABORT, 'stopped here'); END",
    );
    scene.store.rebuild_projections().await.unwrap_err();
    sql(&place.path, "DROP TRIGGER stop; CREATE TABLE old_users AS SELECT * FROM users");
    scene.delete_user(ana).await;
    let words = ["unmistakable", "anastasia"].map(str::to_owned);
    assert_eq!(found_in_files(&place.path, &words), words, "the test would see them");
    scene.store.sweep(time(scene.number())).await.unwrap();
    eventually("the words are gone", async || {
        // The write-ahead log is emptied after an erasure.
        let ben = scene.register("benjamin").await;
        scene.delete_user(ben).await;
        found_in_files(&place.path, &words).is_empty()
    })
    .await;
    scene.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_while_the_file_is_written_anew_is_erased_a_day_later() {
    let place = place();
    let scene = scene(&place.path, 1);
    let ana = scene.register("anastasia").await;
    scene.delete_user(ana).await;
    // Another process erases something just before the end, at the hundredth second.
    let other = time(100).unix_ms();
    sql(
        &place.path,
        &format!(
            "CREATE TRIGGER other BEFORE DELETE ON chores
             BEGIN INSERT OR IGNORE INTO chores (name, since) VALUES ('vacuum', {other}); END"
        ),
    );
    let day = 24 * 60 * 60;
    scene.store.sweep(time(50 + day)).await.unwrap();
    sql(&place.path, "DROP TRIGGER other");
    assert_eq!(chores(&place.path), 1, "the other one's vacuum is still to come");
    scene.store.sweep(time(99 + day)).await.unwrap();
    assert_eq!(chores(&place.path), 1, "not yet");
    scene.store.sweep(time(100 + day)).await.unwrap();
    assert_eq!(chores(&place.path), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_ahead_does_not_delay_it() {
    let place = place();
    let scene = scene(&place.path, 1_000_000);
    let ana = scene.register("anastasia").await;
    scene.delete_user(ana).await;
    scene.store.sweep(time(100)).await.unwrap();
    assert_eq!(chores(&place.path), 0);
}

/// How much waits for a quiet hour.
fn chores(path: &Path) -> u64 {
    let conn = rusqlite::Connection::open(path).unwrap();
    conn.query_row("SELECT count(*) FROM chores", (), |row| row.get(0)).unwrap()
}

/// A day's expired answers don't keep writers waiting while they are deleted.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_goes_in_portions() {
    let place = place();
    let scene = scene(&place.path, 1);
    sql(
        &place.path,
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 2500)
         INSERT INTO answers (key, user, fingerprint, sealed, expires_at)
         SELECT CAST(n AS BLOB), n, x'00', x'00', n FROM numbers;
         CREATE TRIGGER stop BEFORE DELETE ON answers WHEN OLD.user = 2400
         BEGIN SELECT RAISE(ABORT, 'stopped here'); END",
    );
    scene.store.sweep(time(1)).await.unwrap_err();
    sql(&place.path, "DROP TRIGGER stop");
    assert_eq!(scene.store.sweep(time(1)).await.unwrap(), 500, "two portions were done");
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
