//! Many writers and readers at once.

use std::collections::HashSet;
use std::sync::Arc;

use siskin_domain::StreamId;
use siskin_domain::user::UserEvent;

use super::scene::Scene;
use crate::storage::{Audience, Expected, Page, Store, StoreError};

/// Of writers that want the same version of a stream, exactly one gets it.
pub async fn one_writer_wins_each_version(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let stream = StreamId::User(ana);
    for version in 1..=5 {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let scene = scene.clone();
            tasks.spawn(async move {
                let event = vec![UserEvent::PasswordUpdated.into()];
                scene.append(stream, Expected::At(version), event).await
            });
        }
        let answers = tasks.join_all().await;
        let won: Vec<_> = answers.iter().flatten().collect();
        assert_eq!(won.len(), 1, "winners of version {}", version + 1);
        assert_eq!(won[0].version, version + 1);
        let lost = answers.iter().filter(|a| matches!(a, Err(StoreError::Conflict))).count();
        assert_eq!(lost, 15);
    }
    assert_eq!(scene.store.load(stream).await.unwrap().len(), 6);
    scene.sound().await;
}

/// Positions stay gapless and in order, and refused neighbours hurt nobody.
pub async fn many_writers_keep_the_order(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let nobody = scene.user_id();
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..64 {
        let scene = scene.clone();
        tasks.spawn(async move {
            let mut own = Vec::new();
            for n in 0..10 {
                let id = scene.tweet_id();
                // Every third writer's every other append is refused, for one reason or another.
                if writer % 3 == 0 && n % 2 == 0 {
                    let author = if n % 4 == 0 { nobody } else { ana };
                    let stream = StreamId::User(author);
                    let event = vec![UserEvent::PasswordUpdated.into()];
                    scene.append(stream, Expected::At(99), event).await.unwrap_err();
                    scene.try_post(id, nobody, "never").await.unwrap_err();
                }
                let appended = scene.try_post(id, ana, &format!("{writer}/{n}")).await.unwrap();
                own.push((appended.position, id));
            }
            assert!(own.is_sorted(), "a later append of the same caller has a later position");
            own
        });
    }
    let acknowledged: HashSet<_> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(acknowledged.len(), 640);
    let log = scene.log().await;
    assert_eq!(log.len(), 641);
    for recorded in &log[1..] {
        let StreamId::Tweet(id) = recorded.stream else { panic!("{recorded:?}") };
        assert!(acknowledged.contains(&(recorded.position, id)));
    }
    assert_eq!(scene.store.find_user(ana, Audience::All).await.unwrap().unwrap().tweets_count, 640);
    scene.sound().await;
}

/// Whoever's append returned sees it in every answer.
pub async fn writes_are_read_at_once(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let scene = scene.clone();
        tasks.spawn(async move {
            let store = Arc::clone(&scene.store);
            let name = format!("user{n}");
            let user = scene.register(&name).await;
            for count in 1..=10 {
                let id = scene.tweet_id();
                let generation = store.generation();
                let appended = scene.try_post(id, user, "now").await.unwrap();
                assert!(store.position() >= appended.position);
                assert_ne!(store.generation(), generation);
                let found = store.find_tweet(id, Audience::All).await.unwrap().unwrap();
                assert_eq!((found.tweetedby.as_str(), found.body.as_str()), (&*name, "now"));
                let own = store.list_tweets_of(user, Page::newest(1), Audience::All).await.unwrap();
                assert_eq!(own, [found]);
                assert_eq!(
                    store.find_user(user, Audience::All).await.unwrap().unwrap().tweets_count,
                    count
                );
                assert_eq!(store.load(StreamId::Tweet(id)).await.unwrap().len(), 1);
            }
        });
    }
    tasks.join_all().await;
    scene.sound().await;
}
