//! What operators do, and the end.

use std::sync::Arc;

use siskin_domain::Position;

use super::scene::Scene;
use crate::storage::{Store, StoreError};

/// A ping changes nothing.
pub async fn a_ping_changes_nothing(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    scene.register("ana").await;
    let before = (scene.store.position(), scene.store.generation());
    scene.store.ping().await.unwrap();
    assert_eq!((scene.store.position(), scene.store.generation()), before);
    scene.sound().await;
}

/// A verification counts what it read.
pub async fn a_verification_counts(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let none = scene.store.verify_projections().await.unwrap();
    assert_eq!((none.events, none.rows), (0, 0));
    let ana = scene.register("ana").await;
    let tweet = scene.post(ana, "one").await;
    scene.post(ana, "two").await;
    scene.delete_tweet(tweet, ana).await;
    let verification = scene.store.verify_projections().await.unwrap();
    assert_eq!((verification.events, verification.rows), (4, 2));
    assert_eq!(verification.differences, vec![]);
}

/// Vitals tell where the log ends and that nothing is behind, and change nothing.
pub async fn vitals_tell_how_it_is(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let empty = scene.store.vitals().await.unwrap();
    assert_eq!(empty.end, Position(0));
    let ana = scene.register("ana").await;
    for number in 0..10 {
        scene.post(ana, &format!("tweet {number}")).await;
    }
    let before = (scene.store.position(), scene.store.generation());
    let vitals = scene.store.vitals().await.unwrap();
    assert_eq!((scene.store.position(), scene.store.generation()), before);
    assert_eq!((vitals.end, vitals.kind), (Position(11), empty.kind));
    assert!(["sqlite", "mongodb"].contains(&vitals.kind));
    assert!(vitals.projections.iter().any(|one| one.projection == "live"));
    assert!(vitals.projections.iter().all(|one| one.behind == 0), "{vitals:?}");
    scene.sound().await;
}

/// What was asked before a close is done; what comes after is refused.
pub async fn a_closed_store_refuses_writes(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let scene = scene.clone();
        tasks.spawn(async move { scene.try_post(scene.tweet_id(), ana, "last").await });
    }
    scene.store.close().await;
    let answers = tasks.join_all().await;
    let done = answers.iter().flatten().count() as u64;
    for refused in answers.iter().flat_map(|answer| answer.as_ref().err()) {
        assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    }
    assert_eq!(scene.store.position(), Position(1 + done));
    // Often enough to use up whatever a store has of something.
    for _ in 0..5000 {
        let refused = scene.try_post(scene.tweet_id(), ana, "too late").await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    }
    assert!(scene.store.ping().await.is_err());
    scene.store.close().await;
}
