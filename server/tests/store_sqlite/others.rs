//! Other processes that use the same file.

use std::sync::Arc;
use std::time::Duration;

use siskin_domain::{Position, Recorded, StreamId};
use siskin_server::application::{OsEntropy, Rules, Services, SystemClock};
use siskin_server::storage::Audience;

use crate::place::{eventually, place, scene, sql};

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_writes_is_seen() {
    let place = place();
    let (here, there) = (scene(&place.path, 1), scene(&place.path, 500));
    let mut live = here.store.subscribe();
    let generation = here.store.generation();
    let ana = there.register("ana").await;
    assert!(
        here.store.find_user(ana, Audience::All).await.unwrap().is_some(),
        "queries see it at once"
    );
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

/// A process of a later version writes a kind of event that this one does not know.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_read_hides_no_other() {
    let place = place();
    let here = scene(&place.path, 1);
    let ana = here.register("ana").await;
    let mut live = here.store.subscribe();
    // The other one's two events come in one commit.
    sql(
        &place.path,
        "BEGIN IMMEDIATE;
         INSERT INTO events (position, stream, version, kind, schema, at, actor, data)
         SELECT 2, 'tweet-77', 1, 'OfALaterVersion', schema, at, actor, '{}' FROM events;
         INSERT INTO events (position, stream, version, kind, schema, at, actor, data)
         SELECT 3, 'logins-' || actor, 1, 'UserLoggedIn', 1, at, actor, '{}' FROM events
         WHERE position = 1;
         COMMIT;",
    );
    eventually("they are met", async || here.store.position() == Position(3)).await;
    let seen = tokio::time::timeout(Duration::from_secs(10), live.recv()).await.unwrap();
    assert_eq!(seen.unwrap()[0].stream, StreamId::Logins(ana));
    here.post(ana, "goes on").await;
    let rules = Rules { throttle: false, ..Rules::default() };
    let store = here.store.clone();
    let services = Services::new(store, rules, Arc::new(SystemClock), Arc::new(OsEntropy));
    let mut listener = services.live.listen(Some(Position(1)));
    let told = tokio::time::timeout(Duration::from_secs(10), listener.next()).await.unwrap();
    let told = String::from_utf8(told.expect("it goes on").to_vec()).unwrap();
    assert!(told.contains("goes on"), "{told}");
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
