//! The same with a store that is shared: a MongoDB database.

use std::process::{Child, Output, Stdio};
use std::sync::Arc;

use ::mongodb::Client;
use ::mongodb::bson::{Document, doc};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::{Event, StreamId};
use siskin_server::archive::digest::digests;
use siskin_server::storage::{MongoStore, Store};

use crate::history::{many_tweets, restore};
use crate::load::{Load, sign_up};
use crate::mongodb::database;
use crate::place::{Place, digests_of, log, refused, said, siskin};
use crate::server::Server;
use crate::wait::eventually;

fn run(place: &Place, url: &str, arguments: &[&str]) -> Output {
    tokio::task::block_in_place(|| siskin(place.path(), url, arguments).output().unwrap())
}

fn begin(place: &Place, url: &str, arguments: &[&str]) -> Child {
    let mut command = siskin(place.path(), url, arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

async fn open(url: &str) -> Arc<dyn Store> {
    Arc::new(MongoStore::open(url).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_store_is_backed_up_under_load() {
    let (place, url) = (Place::empty(), database());
    let server = Server::start_with(place.path(), &[("SISKIN_DATABASE_URL", &url)]);
    let token = sign_up(&server.url, "writer").await;
    let load = Load::persistent(&server.url, &token, 4);
    load.more(30).await;
    let before = load.told();
    said(&run(&place, &url, &["backup", "one.zst"]));
    load.more(1).await;
    load.end().await;
    server.terminate();
    let original = log(open(&url).await.as_ref()).await;
    // Into another database of the same kind, and into a file.
    let other = database();
    said(&run(&place, &other, &["restore", "one.zst"]));
    let copy = Place::empty();
    said(&copy.run(&["restore", place.file("one.zst").to_str().unwrap()]));
    copy.is_sound();
    for store in [open(&other).await, Arc::new(copy.store())] {
        let restored = log(store.as_ref()).await;
        assert_eq!(restored, original[..restored.len()]);
        assert_eq!(digests(store.as_ref()).await.unwrap(), digests_of(&restored).await);
        for id in before.keys() {
            let posted = |event: &Event| matches!(event, Event::Tweet(TweetEvent::Posted { .. }));
            let this = StreamId::Tweet(siskin_domain::TweetId::new(*id).unwrap());
            let there = restored.iter().any(|event| event.stream == this && posted(&event.event));
            assert!(there, "{id} was acknowledged before the backup, and is missing");
        }
        store.close().await;
    }
    said(&run(&place, &other, &["projections", "verify"]));
    said(&run(&place, &other, &["events", "verify"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_restore_is_opened_by_nobody_and_done_again() {
    let source = Place::with(&many_tweets(2500)).await;
    said(&source.run(&["backup", "one.db"]));
    said(&source.run(&["export", "one.zst"]));
    let file = source.file("one.zst").display().to_string();
    let mut attempts = 0;
    // A machine that stops this process may let the restore end before it is killed.
    let url = loop {
        attempts += 1;
        assert!(attempts <= 10, "never killed in the middle");
        let url = database();
        let behind = Client::with_uri_str(&url).await.unwrap().default_database().unwrap();
        let mut child = begin(&source, &url, &["restore", &file]);
        eventually("half of it is there", async || {
            behind.collection::<Document>("events").find_one(doc! {}).await.unwrap().is_some()
        })
        .await;
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert!(matches!(status.code(), None | Some(0)), "neither killed nor well: {status}");
        if !status.success() {
            break url;
        }
    };
    for command in [&["events", "verify"][..], &["serve"]] {
        let text = refused(&run(&source, &url, command));
        assert!(text.contains("a restore of this database"), "{text}");
    }
    said(&run(&source, &url, &["restore", &file]));
    let store = open(&url).await;
    let expected = source.digests().await;
    assert_eq!(digests(store.as_ref()).await.unwrap(), expected);
    store.close().await;
    assert!(refused(&run(&source, &url, &["restore", &file])).contains("--force"));
}

/// A database's backup goes into a shared store, up to a position, and what was there is kept.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_is_moved_aside() {
    let (place, url) = (Place::lively().await, database());
    said(&place.run(&["backup", "one.db"]));
    let store = open(&url).await;
    restore(store.as_ref(), &many_tweets(3)).await;
    store.close().await;
    let arguments = ["restore", "one.db", "--until", "60", "--force"];
    let text = said(&run(&place, &url, &arguments));
    assert!(text.contains("is kept as the collections before_"), "{text}");
    said(&run(&place, &url, &["projections", "verify"]));
    said(&run(&place, &url, &["events", "verify"]));
    let copy = Place::empty();
    let file = place.file("one.db").display().to_string();
    said(&copy.run(&["restore", &file, "--until", "60"]));
    let store = open(&url).await;
    assert_eq!(digests(store.as_ref()).await.unwrap(), copy.digests().await);
    // And it goes on.
    let position = one_more(&store).await;
    assert!(position > 60);
    store.close().await;
    let behind = Client::with_uri_str(&url).await.unwrap().default_database().unwrap();
    let names = behind.list_collection_names().await.unwrap();
    let kept = names.iter().find(|name| name.starts_with("before_") && name.ends_with("_events"));
    let kept = behind.collection::<Document>(kept.unwrap());
    assert_eq!(kept.count_documents(doc! {}).await.unwrap(), 4, "the old log is whole");
}

/// A restore that can't begin moves nothing aside; the folder of one that was killed is in nobody's way.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_cannot_go_on_leaves_the_store_as_it_is() {
    let (place, url) = (Place::lively().await, database());
    said(&place.run(&["backup", "one.db"]));
    let store = open(&url).await;
    restore(store.as_ref(), &many_tweets(3)).await;
    store.close().await;
    let mut command = siskin(place.path(), &url, &["restore", "one.db", "--force"]);
    command.env("TMPDIR", place.file("not there"));
    let text = refused(&tokio::task::block_in_place(|| command.output().unwrap()));
    assert!(text.contains("not there"), "{text}");
    let store = open(&url).await;
    assert_eq!(log(store.as_ref()).await.len(), 4);
    store.close().await;
    // The shell's number is the command's.
    let left = "mkdir \"$TMPDIR/siskin-restore-$$\" \"$TMPDIR/siskin-restore-$$-0\" && exec \"$@\"";
    let siskin = siskin(place.path(), &url, &["restore", "one.db", "--force"]);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", left, "sh"]).arg(siskin.get_program()).args(siskin.get_args());
    shell.current_dir(place.path()).env("SISKIN_DATABASE_URL", &url).env("TMPDIR", place.path());
    said(&tokio::task::block_in_place(|| shell.output().unwrap()));
    said(&run(&place, &url, &["projections", "verify"]));
}

/// Posts one more event; its position.
async fn one_more(store: &Arc<dyn Store>) -> u64 {
    let scene = siskin_server::storage::contract::scene::Scene::new(Arc::clone(store));
    for _ in 0..5_000 {
        scene.number();
    }
    scene.register("newcomer").await;
    scene.sound().await;
    store.position().0
}
