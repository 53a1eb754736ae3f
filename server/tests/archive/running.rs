//! A store may be in use while it is exported.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{DisplayName, Event, Position, Recorded, TweetId, UserId};
use siskin_server::archive::export;
use siskin_server::storage::contract::scene::Scene;
use siskin_server::storage::{Audience, Store};

use super::history::{many_tweets, restore};
use super::stores::{File, bring, empty, fast_pairs, now};

/// Bytes in memory; the first that arrive find the export on its way, and something happens.
struct Meanwhile<F: FnOnce() + Send> {
    bytes: Vec<u8>,
    happens: Option<F>,
}

impl<F: FnOnce() + Send> Write for Meanwhile<F> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Some(happens) = self.happens.take() {
            happens();
        }
        self.bytes.write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An archive of a store to which something happens meanwhile.
async fn export_while<F>(store: &Arc<dyn Store>, happens: F) -> File
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Handle::current();
    let happens = Some(move || runtime.block_on(happens));
    let out = Meanwhile { bytes: Vec::new(), happens };
    let (out, _) = export(store.as_ref(), out, now(), &mut ()).await.unwrap();
    assert!(out.happens.is_none(), "it happened");
    File::holding(&out.bytes)
}

const fn personal_is_forgotten(event: &Event) -> bool {
    matches!(
        event,
        Event::User(
            UserEvent::Created { profile: None, .. } | UserEvent::Updated { changes: None }
        ) | Event::Tweet(TweetEvent::Posted { body: None, .. })
    )
}

/// Fails unless the copy is what the source was at some moment, but for what was forgotten since.
async fn is_a_past_of(copy: &dyn Store, source: &dyn Store) {
    let now = source.read_all(Position(0), 1_000_000).await.unwrap();
    let then = copy.read_all(Position(0), 1_000_000).await.unwrap();
    for (then, now) in then.iter().zip(&now) {
        let place = |recorded: &Recorded| (recorded.position, recorded.stream, recorded.version);
        assert_eq!(place(then), place(now));
        assert!(then.event == now.event || personal_is_forgotten(&now.event), "{then:?}");
    }
    for tweet in copy
        .list_tweets(siskin_server::storage::Page::newest(u16::MAX), Audience::All)
        .await
        .unwrap()
    {
        assert!(!tweet.body.is_empty(), "a forgotten tweet is shown: {}", tweet.id);
    }
    let verification = copy.verify_projections().await.unwrap();
    assert_eq!(verification.differences, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_posted_meanwhile_stays_out() {
    for (from, to) in fast_pairs() {
        let (source, target) = (empty(from).await, empty(to).await);
        restore(source.store.as_ref(), &many_tweets(4000)).await;
        let scene = Scene::new(Arc::clone(&source.store));
        let ana = UserId::new(7).unwrap();
        let file = export_while(&source.store, async move {
            scene.post(ana, "meanwhile").await;
            let name = Some(DisplayName::parse("Meanwhile").unwrap());
            scene.update(ana, ProfileUpdate { name, ..Default::default() }).await.unwrap();
        })
        .await;
        let archive = file.check().await.unwrap();
        assert_eq!((archive.header().events, archive.end().events), (4001, 4001));
        bring(&file.path, target.store.as_ref()).await.unwrap();
        is_a_past_of(target.store.as_ref(), source.store.as_ref()).await;
        let copy = target.store.find_user(ana, Audience::All).await.unwrap().unwrap();
        assert_eq!((copy.name.as_str(), copy.tweets_count), ("The ana", 4000));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_meanwhile_is_no_empty_tweet() {
    for (from, to) in fast_pairs() {
        let (source, target) = (empty(from).await, empty(to).await);
        restore(source.store.as_ref(), &many_tweets(4000)).await;
        let scene = Scene::new(Arc::clone(&source.store));
        let ana = UserId::new(7).unwrap();
        let [early, late] = [2, 4001].map(|id| TweetId::new(id).unwrap());
        let file = export_while(&source.store, async move {
            scene.delete_tweet(early, ana).await;
            scene.delete_tweet(late, ana).await;
            scene.post(ana, "afterwards").await;
        })
        .await;
        let archive = file.check().await.unwrap();
        assert_eq!((archive.header().events, archive.end().events), (4001, 4004));
        bring(&file.path, target.store.as_ref()).await.unwrap();
        is_a_past_of(target.store.as_ref(), source.store.as_ref()).await;
        for tweet in [early, late] {
            assert_eq!(target.store.find_tweet(tweet, Audience::All).await.unwrap(), None);
            // The archive may have had the early one's words; the copy does not.
            let history = target.store.load(siskin_domain::StreamId::Tweet(tweet)).await.unwrap();
            assert!(personal_is_forgotten(&history[0].event), "{history:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_meanwhile_is_gone_or_there() {
    for (from, to) in fast_pairs() {
        let (source, target) = (empty(from).await, empty(to).await);
        let log = many_tweets(4000);
        restore(source.store.as_ref(), &log).await;
        let scene = Scene::new(Arc::clone(&source.store));
        let ben = scene.register("ben").await;
        scene.post(ben, "Ben's words").await;
        let file = export_while(&source.store, async move {
            scene.delete_user(UserId::new(7).unwrap()).await;
            scene.delete_user(ben).await;
            let ana = scene.register("ana").await;
            scene.post(ana, "another Ana").await;
        })
        .await;
        bring(&file.path, target.store.as_ref()).await.unwrap();
        is_a_past_of(target.store.as_ref(), source.store.as_ref()).await;
        let users = target
            .store
            .list_users(siskin_server::storage::Page::newest(9), Audience::All)
            .await
            .unwrap();
        assert_eq!(users.len(), 1, "{users:?}");
        assert_eq!((users[0].username.as_str(), users[0].tweets_count), ("ana", 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_archive_of_a_busy_store_is_consistent() {
    for (from, to) in fast_pairs() {
        let source = empty(from).await;
        let stop = Arc::new(AtomicBool::new(false));
        let mut writers = tokio::task::JoinSet::new();
        restore(source.store.as_ref(), &many_tweets(500)).await;
        let scene = Scene::new(Arc::clone(&source.store));
        for n in 0..4 {
            let (scene, stop) = (scene.clone(), Arc::clone(&stop));
            writers.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let person = scene.register(&format!("writer{n}")).await;
                    let (kept, gone) =
                        (scene.post(person, "kept").await, scene.post(person, "gone").await);
                    let name = Some(DisplayName::parse(&format!("Writer of {kept}")).unwrap());
                    scene
                        .update(person, ProfileUpdate { name, ..Default::default() })
                        .await
                        .unwrap();
                    scene.delete_tweet(gone, person).await;
                    scene.delete_user(person).await;
                }
            });
        }
        for _ in 0..4 {
            let file = File::of(source.store.as_ref()).await;
            let target = empty(to).await;
            bring(&file.path, target.store.as_ref()).await.unwrap();
            is_a_past_of(target.store.as_ref(), source.store.as_ref()).await;
        }
        stop.store(true, Ordering::Relaxed);
        writers.join_all().await;
    }
}
