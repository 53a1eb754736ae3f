//! An import that was interrupted goes on; one that never was is refused.

use std::sync::Arc;

use siskin_domain::{Position, UserId};
use siskin_server::archive::digest::digests;
use siskin_server::archive::{ArchiveError, Observer, Stage, import};
use siskin_server::storage::contract::scene::{Scene, credential};

use super::history::{lively, many_tweets, restore};
use super::stores::{File, Kind, bring, empty, fast_pairs, pairs, turn};

#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_wherever_it_stopped() {
    let _turn = turn().await;
    for (from, to) in pairs() {
        let source = empty(from).await;
        let log = many_tweets(2500);
        restore(source.store.as_ref(), &log).await;
        let file = File::of(source.store.as_ref()).await;
        let expected = digests(&*source.store).await.unwrap();
        for stopped in [0, 1, 999, 1000, 1001, 2000, 2500, 2501] {
            let target = empty(to).await;
            restore(target.store.as_ref(), &log[..stopped]).await;
            let done = bring(&file.path, target.store.as_ref()).await.unwrap();
            assert_eq!((done.found, done.added), (stopped as u64, 2501 - stopped as u64));
            assert_eq!(digests(&*target.store).await.unwrap(), expected, "{to:?} {stopped}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_forgotten_meanwhile_does_not_stop_it() {
    let _turn = turn().await;
    for (from, to) in pairs() {
        let (source, target) = (empty(from).await, empty(to).await);
        let scene = lively(Arc::clone(&source.store)).await;
        let file = File::of(source.store.as_ref()).await;
        let log = scene.log().await;
        for part in log.chunks(7) {
            target.store.restore_events(part.to_vec()).await.unwrap();
            let stopped = part[part.len() - 1].position;
            if stopped.0 % 2 == 0 {
                continue;
            }
            let again = empty(to).await;
            again.store.restore_events(log[..stopped.0 as usize].to_vec()).await.unwrap();
            bring(&file.path, again.store.as_ref()).await.unwrap();
        }
        let done = bring(&file.path, target.store.as_ref()).await.unwrap();
        assert_eq!((done.found, done.added), (log.len() as u64, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_with_something_else_is_refused() {
    let _turn = turn().await;
    for (from, to) in pairs() {
        let source = empty(from).await;
        let log = many_tweets(1200);
        restore(source.store.as_ref(), &log).await;
        let file = File::of(source.store.as_ref()).await;

        let foreign = empty(to).await;
        let other = Scene::new(Arc::clone(&foreign.store));
        other.register("somebody.else").await;
        let before = other.log().await;
        let refused = bring(&file.path, other.store.as_ref()).await;
        assert!(matches!(refused, Err(ArchiveError::NotEmpty(Position(1)))), "{refused:?}");
        assert_eq!(other.log().await, before);

        // The same beginning, and then something else.
        let gone_on = empty(to).await;
        restore(gone_on.store.as_ref(), &log[..1100]).await;
        let scene = Scene::new(Arc::clone(&gone_on.store));
        scene.register("somebody.new").await;
        let refused = bring(&file.path, gone_on.store.as_ref()).await;
        assert!(matches!(refused, Err(ArchiveError::NotEmpty(Position(1101)))), "{refused:?}");

        // All of it, and more.
        let longer = empty(to).await;
        restore(longer.store.as_ref(), &log).await;
        Scene::new(Arc::clone(&longer.store)).register("somebody.new").await;
        let refused = bring(&file.path, longer.store.as_ref()).await;
        assert!(matches!(refused, Err(ArchiveError::NotEmpty(Position(1202)))), "{refused:?}");
        let credentials = longer.store.credentials_after(None, 9).await.unwrap();
        assert_eq!(credentials, []);
    }
}

/// Does something when an import has come so far.
struct At<F: FnMut() + Send> {
    events: u64,
    stage: Option<Stage>,
    act: F,
}

impl<F: FnMut() + Send> Observer for At<F> {
    fn begin(&mut self, stage: Stage, _: u64) {
        self.stage = Some(stage);
    }
    fn done(&mut self, events: u64) {
        if self.stage == Some(Stage::Importing) && events == self.events {
            (self.act)();
        }
    }
}

/// Why an import is refused to whose store an effect or an event is added meanwhile.
async fn disturbed(to: Kind, file: &File, at: u64, event: bool) -> ArchiveError {
    let target = empty(to).await;
    let scene = Scene::new(Arc::clone(&target.store));
    let runtime = tokio::runtime::Handle::current();
    let act = || {
        tokio::task::block_in_place(|| {
            runtime.block_on(async {
                if event {
                    scene.register("somebody.else").await;
                } else {
                    let ana = UserId::new(7).unwrap();
                    scene.effects(ana, vec![credential(ana, "not theirs")]).await.unwrap();
                }
            });
        });
    };
    let archive = file.check().await.unwrap();
    let mut observer = At { events: at, stage: None, act };
    import(target.store.as_ref(), &archive, &mut observer).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_during_an_import_is_noticed() {
    for (from, to) in fast_pairs() {
        let source = empty(from).await;
        restore(source.store.as_ref(), &many_tweets(2500)).await;
        let file = File::of(source.store.as_ref()).await;
        for at in [1000, 2501] {
            let refused = disturbed(to, &file, at, true).await;
            assert!(matches!(refused, ArchiveError::Disturbed), "{at}: {refused:?}");
        }
        let refused = disturbed(to, &file, 2501, false).await;
        assert!(matches!(refused, ArchiveError::Unequal("credentials and proofs")), "{refused:?}");
    }
}
