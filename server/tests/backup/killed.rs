//! SIGKILL in the middle: a file under its final name is whole, a store is the old or the new one, and
//! nothing is served that is neither.

use std::path::Path;
use std::process::Child;

use siskin_server::archive::digest::Digests;

use crate::history::many_tweets;
use crate::place::{Place, refused, said};
use crate::server::Server;

/// A machine that stops the one who kills misses the moment; so often it is tried again.
const ATTEMPTS: usize = 20;

/// Kills a command as soon as a condition is true, unless it has ended before, which must have been a
/// good end.
fn kill_when(mut child: Child, condition: impl Fn() -> bool) {
    while child.try_wait().unwrap().is_none() && !condition() {
        std::thread::yield_now();
    }
    let _ = child.kill();
    let status = child.wait().unwrap();
    assert!(matches!(status.code(), None | Some(0)), "neither killed nor well: {status}");
}

/// Fails unless a backup is whole: what is restored from it is as this says.
async fn is_whole(backup: &Path, expected: &Digests) {
    let copy = Place::empty();
    said(&copy.run(&["restore", &backup.display().to_string()]));
    assert_eq!(copy.digests().await, *expected, "half of one has its name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_backup_leaves_no_half_of_one() {
    let place = Place::with(&many_tweets(6000)).await;
    let expected = place.digests().await;
    let (file, part) = (place.file("one.db"), place.file("one.db.part"));
    let size = |bytes| part.metadata().is_ok_and(|part| part.len() >= bytes);
    for round in 0..6 {
        for attempt in 0.. {
            assert!(attempt < ATTEMPTS, "round {round}: never killed in the middle");
            kill_when(place.begin(&["backup", "one.db", "--force"]), || size(round * 150_000));
            if !file.exists() {
                break;
            }
            // It was too late, or just in time.
            is_whole(&file, &expected).await;
            std::fs::remove_file(&file).unwrap();
        }
    }
    assert!(refused(&place.run(&["backup", "one.db"])).contains("one.db.part is there"));
    said(&place.run(&["backup", "one.db", "--force"]));
    assert!(file.exists() && !part.exists());
    // One that is there is replaced by a whole one or not at all.
    for attempt in 0.. {
        assert!(attempt < ATTEMPTS, "never killed in the middle");
        let whole = std::fs::read(&file).unwrap();
        kill_when(place.begin(&["backup", "one.db", "--force"]), || size(1));
        if std::fs::read(&file).unwrap() == whole {
            break;
        }
        is_whole(&file, &expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_restore_leaves_the_old_store_or_none() {
    let place = Place::with(&many_tweets(6000)).await;
    said(&place.run(&["backup", "one.db"]));
    said(&place.run(&["export", "one.zst"]));
    let old = place.digests().await;
    for file in ["one.db", "one.zst"] {
        let file = place.file(file).display().to_string();
        // Into nothing: nobody starts on what is left, and the same command goes on.
        let mut copy = Place::empty();
        let mut halves = 0;
        for attempt in 0.. {
            assert!(attempt < ATTEMPTS, "killed in the middle {halves} times only");
            let new = copy.file("siskin.db.restoring");
            let there = || new.metadata().is_ok_and(|new| new.len() >= halves * 200_000);
            kill_when(copy.begin(&["restore", &file]), there);
            if copy.database().exists() {
                // It was too late, or just in time: all of it is there.
                assert_eq!(copy.digests().await, old, "half of a store has its name");
                copy = Place::empty();
                continue;
            }
            for command in [&["events", "verify"][..], &["serve"]] {
                let text = refused(&copy.run(command));
                assert!(text.contains("interrupted"), "{text}");
            }
            assert!(!copy.database().exists());
            halves += 1;
            if halves == 2 {
                break;
            }
        }
        said(&copy.run(&["restore", &file]));
        copy.is_sound();
        assert_eq!(copy.digests().await, old);
        assert!(copy.names().iter().all(|name| !name.contains("restoring")), "{:?}", copy.names());
        // Over another store: that one is as it was, and is served; or the new one is there.
        let other = Place::lively().await;
        let before = other.digests().await;
        for attempt in 0.. {
            assert!(attempt < ATTEMPTS, "never killed in the middle");
            let new = other.file("siskin.db.restoring");
            let there = || new.metadata().is_ok_and(|new| new.len() > 0);
            kill_when(other.begin(&["restore", &file, "--force"]), there);
            other.is_sound();
            let now = other.digests().await;
            assert!(now == before || now == old, "neither the old store nor the new one");
            if now == before {
                break;
            }
            let kept = other.names().into_iter().find(|name| name.contains(".before-")).unwrap();
            std::fs::rename(other.file(&kept), other.database()).unwrap();
        }
        said(&other.run(&["restore", &file, "--force"]));
        assert_eq!(other.digests().await, old);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_served_is_not_replaced() {
    let place = Place::lively().await;
    said(&place.run(&["backup", "one.db"]));
    let before = place.digests().await;
    let server = Server::start(place.path());
    let text =
        tokio::task::block_in_place(|| refused(&place.run(&["restore", "one.db", "--force"])));
    assert!(text.contains("is in use"), "{text}");
    server.terminate();
    assert_eq!(place.digests().await, before);
    assert!(
        place.names().iter().all(|name| !name.contains(".before-") && !name.contains("restoring"))
    );
}

/// Files may not grow beyond some size: what a full disk is to whoever writes.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_nothing_and_changes_nothing() {
    let place = Place::lively().await;
    said(&place.run(&["backup", "one.db"]));
    said(&place.run(&["export", "one.zst"]));
    let before = place.digests().await;
    let limited = |arguments: &[&str], copy: &Place| {
        let script = "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\"";
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_siskin")]).args(arguments);
        let url = format!("sqlite://{}", copy.database().display());
        command.current_dir(place.path()).env("SISKIN_DATABASE_URL", url);
        refused(&command.output().unwrap())
    };
    limited(&["backup", "two.db"], &place);
    limited(&["backup", "one.db", "--force"], &place);
    for file in ["one.db", "one.zst"] {
        limited(&["restore", file, "--force"], &place);
        let copy = Place::empty();
        limited(&["restore", file], &copy);
        assert_eq!(copy.names(), [""; 0]);
    }
    let names = |place: &Place| {
        let names = place.names().into_iter();
        names.filter(|name| !name.ends_with("-shm") && !name.ends_with("-wal")).collect::<Vec<_>>()
    };
    assert_eq!(names(&place), ["one.db", "one.zst", "siskin.db"]);
    assert_eq!(place.digests().await, before);
    said(&place.run(&["restore", "one.db", "--force"]));
    place.is_sound();
}
