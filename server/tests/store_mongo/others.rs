//! Other servers that use the same database.

use std::sync::Arc;
use std::time::Duration;

use ::mongodb::bson::{Document, doc};
use siskin_domain::{Position, Recorded, StreamId};
use siskin_server::application::{OsEntropy, Rules, Services, SystemClock};
use siskin_server::storage::{Audience, Published};
use tokio::sync::broadcast::Receiver;

use crate::mongodb::{database, host};
use crate::place::{behind, scene};
use crate::proxy::{Fault, Proxy};
use crate::wait::eventually;

/// What comes, up to a position.
async fn until(live: &mut Receiver<Published>, last: Position) -> Vec<Recorded> {
    let mut seen: Vec<Recorded> = Vec::new();
    while seen.last().is_none_or(|event| event.position < last) {
        let events = tokio::time::timeout(Duration::from_secs(20), live.recv()).await.unwrap();
        seen.extend(events.unwrap().iter().cloned());
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_server_writes_is_seen() {
    let url = database();
    let (here, there) = (scene(&url, 1).await, scene(&url, 500).await);
    let mut live = here.store.subscribe();
    let generation = here.store.generation();
    let ana = there.register("ana").await;
    assert!(
        here.store.find_user(ana, Audience::All).await.unwrap().is_some(),
        "queries see it at once"
    );
    eventually("the position moves", async || here.store.position() == Position(1)).await;
    assert_ne!(here.store.generation(), generation);
    // No wait this time: the writer shows the other's event before its own.
    there.post(ana, "there").await;
    here.post(ana, "here").await;
    assert_eq!(until(&mut live, Position(3)).await, here.log().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_write_at_once() {
    let url = database();
    let scenes = [scene(&url, 1).await, scene(&url, 5000).await];
    let ana = scenes[0].register("ana").await;
    for scene in &scenes {
        eventually("both have begun", async || scene.store.position() == Position(1)).await;
    }
    let mut lives = scenes.clone().map(|scene| scene.store.subscribe());
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..16 {
        let scene = scenes[n % 2].clone();
        tasks.spawn(async move {
            for _ in 0..5 {
                scene.post(ana, "at once").await;
            }
        });
    }
    tasks.join_all().await;
    scenes[0].sound().await;
    let log = scenes[0].log().await;
    assert_eq!(log.len(), 81);
    for live in &mut lives {
        assert_eq!(until(live, Position(81)).await, log[1..]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_while_the_change_stream_was_broken_is_seen() {
    let url = database();
    let proxy = Proxy::to(host(&url)).await;
    let here = scene(&proxy.url(&url), 1).await;
    let there = scene(&url, 500).await;
    let mut live = here.store.subscribe();
    let ana = there.register("ana").await;
    assert_eq!(until(&mut live, Position(1)).await.len(), 1);
    proxy.set(Fault::Refuse);
    for _ in 0..5 {
        there.post(ana, "while here is away").await;
    }
    proxy.set(Fault::None);
    assert_eq!(until(&mut live, Position(6)).await, there.log().await[1..]);
    there.post(ana, "and after").await;
    assert_eq!(until(&mut live, Position(7)).await.len(), 1);
}

/// A server of a later version writes a kind of event that this one does not know.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_read_hides_no_other() {
    let url = database();
    let (here, there) = (scene(&url, 1).await, scene(&url, 500).await);
    let ana = there.register("ana").await;
    eventually("both have begun", async || here.store.position() == Position(1)).await;
    let behind = behind(&url).await;
    let events = behind.collection::<Document>("events");
    let mut later = events.find_one(doc! { "_id": 1_i64 }).await.unwrap().unwrap();
    later.extend(doc! { "_id": 2_i64, "stream": "tweet-77", "kind": "OfALaterVersion" });
    let end = doc! { "$set": { "position": 2_i64 } };
    behind.collection::<Document>("counters").update_one(doc! { "_id": "log" }, end).await.unwrap();
    events.insert_one(later).await.unwrap();
    let mut live = here.store.subscribe();
    let tweet = there.post(ana, "goes on").await;
    for scene in [&here, &there] {
        eventually("it is shown", async || scene.store.position() == Position(3)).await;
    }
    let seen = until(&mut live, Position(3)).await;
    assert_eq!(seen.last().unwrap().stream, StreamId::Tweet(tweet));
    let rules = Rules { throttle: false, ..Rules::default() };
    let store = here.store.clone();
    let services = Services::new(store, rules, Arc::new(SystemClock), Arc::new(OsEntropy));
    let mut listener = services.live.listen(Some(Position(1)));
    let told = tokio::time::timeout(Duration::from_secs(20), listener.next()).await.unwrap();
    let told = String::from_utf8(told.expect("it goes on").to_vec()).unwrap();
    assert!(told.contains("goes on"), "{told}");
}

/// MongoDB itself would keep the lock of a server that died for a minute.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_does_not_keep_the_lock() {
    let url = database();
    let proxy = Proxy::to(host(&url)).await;
    let (here, there) = (scene(&proxy.url(&url), 1).await, scene(&url, 500).await);
    let ana = here.register("ana").await;
    proxy.stall_at_commit();
    let lost = here.try_post(here.tweet_id(), ana, "never committed");
    let (lost, ()) = tokio::join!(lost, async {
        eventually("it holds the lock", async || proxy.to_come() == 0).await;
        there.post(ana, "goes on").await;
    });
    lost.unwrap_err();
    // It was alive after all: it goes on as soon as it can.
    proxy.set(Fault::None);
    eventually("it writes", async || here.try_post(here.tweet_id(), ana, "again").await.is_ok())
        .await;
    there.sound().await;
    assert_eq!(there.log().await.len(), 3);
}
