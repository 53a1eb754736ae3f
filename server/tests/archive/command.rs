//! The commands, from outside: files, sentences, and SIGKILL.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use siskin_domain::Position;
use siskin_server::archive::digest::digests;
use siskin_server::storage::{EventStore as _, Maintenance as _, SqliteStore, Store};

use super::history::{lively, many_tweets, restore};

fn siskin(database: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siskin"));
    command
        .args(arguments)
        .current_dir(database.parent().unwrap())
        .env("SISKIN_DATABASE_URL", format!("sqlite://{}", database.display()))
        .stdin(Stdio::null());
    command
}

fn run(database: &Path, arguments: &[&str]) -> Output {
    siskin(database, arguments).output().unwrap()
}

/// What a successful command printed.
fn said(output: &Output) -> String {
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{trouble}");
    assert_eq!(trouble, "", "nothing is drawn where there is no terminal");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Why a command failed: one sentence.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

async fn lively_database(path: &Path) {
    let store: std::sync::Arc<dyn Store> = std::sync::Arc::new(SqliteStore::open(path).unwrap());
    lively(std::sync::Arc::clone(&store)).await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_moves_by_two_commands() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old.db", "new.db"].map(|name| folder.path().join(name));
    lively_database(&old).await;
    let text = said(&run(&old, &["export", "moving.zst"]));
    assert!(text.starts_with("moving.zst holds "), "{text}");
    let text = said(&run(&new, &["import", "moving.zst"]));
    assert!(text.contains("is what the archive says"), "{text}");
    let digest = ["projections", "digest"];
    assert_eq!(said(&run(&old, &digest)), said(&run(&new, &digest)));
    assert!(said(&run(&new, &["projections", "verify"])).starts_with("All "));
    // Once more changes nothing.
    assert!(said(&run(&new, &["import", "moving.zst"])).contains("were there already"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_its_owners_and_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.db");
    lively_database(&old).await;
    let file = folder.path().join("moving.zst");
    said(&run(&old, &["export", "moving.zst"]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(&file, "precious").unwrap();
    assert!(refused(&run(&old, &["export", "moving.zst"])).contains("--force"));
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
    std::fs::write(folder.path().join("moving.zst.part"), "left").unwrap();
    assert!(refused(&run(&old, &["export", "other/moving.zst"])).contains("other/moving.zst.part"));
    said(&run(&old, &["export", "--force", "moving.zst"]));
    assert_ne!(std::fs::read(&file).unwrap(), b"precious");
    std::fs::write(folder.path().join("new.zst.part"), "left").unwrap();
    assert!(refused(&run(&old, &["export", "new.zst"])).contains("new.zst.part is there"));
    let mut left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".zst"))
        .collect();
    left.sort();
    assert_eq!(left, ["moving.zst", "new.zst.part"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_may_leave_by_a_pipe_and_not_come_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old.db", "new.db"].map(|name| folder.path().join(name));
    lively_database(&old).await;
    let piped = run(&old, &["export", "-"]);
    assert!(piped.status.success() && piped.stderr.is_empty(), "{piped:?}");
    std::fs::write(folder.path().join("piped.zst"), piped.stdout).unwrap();
    for pipe in ["-", "/dev/stdin"] {
        assert!(refused(&run(&new, &["import", pipe])).contains("in a file first"));
    }
    said(&run(&new, &["import", "piped.zst"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old.db", "new.db"].map(|name| folder.path().join(name));
    lively_database(&old).await;
    said(&run(&old, &["export", "whole.zst"]));
    let bytes = std::fs::read(folder.path().join("whole.zst")).unwrap();
    std::fs::write(folder.path().join("half.zst"), &bytes[..bytes.len() / 2]).unwrap();
    assert!(refused(&run(&new, &["import", "half.zst"])).contains("cut off"));
    assert!(refused(&run(&new, &["import", "none.zst"])).contains("none.zst"));
    assert!(!new.exists());
    assert!(refused(&run(&new, &["export", "none.zst"])).contains("SISKIN_DATABASE_URL"));
    assert!(!folder.path().join("none.zst").exists());
    assert!(!folder.path().join("none.zst.part").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_import_goes_on() {
    const EVENTS: u64 = 20_001;
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old.db", "new.db"].map(|name| folder.path().join(name));
    let source = SqliteStore::open(&old).unwrap();
    restore(&source, &many_tweets(EVENTS - 1)).await;
    said(&run(&old, &["export", "moving.zst"]));
    let mut killed = Position(0);
    for _ in 0..3 {
        let mut import = siskin(&new, &["import", "moving.zst"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // As soon as it has added something, it is killed.
        let store = SqliteStore::open(&new).unwrap();
        while store.position() <= killed && import.try_wait().unwrap().is_none() {
            store.ping().await.unwrap();
        }
        import.kill().unwrap();
        assert!(!import.wait().unwrap().success(), "killed, and not ended by itself");
        store.ping().await.unwrap();
        killed = store.position();
        store.close().await;
        assert!(killed < Position(EVENTS), "killed before it was done");
    }
    let text = said(&run(&new, &["import", "moving.zst"]));
    assert!(text.contains(&format!("({killed} of them were there already)")), "{text}");
    let copy = SqliteStore::open(&new).unwrap();
    assert_eq!(digests(&copy).await.unwrap(), digests(&source).await.unwrap());
    assert_eq!(copy.verify_projections().await.unwrap().differences, []);
}
