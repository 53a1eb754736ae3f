//! Deleting somebody who has more tweets than one transaction should hold.

use siskin_domain::StreamId;
use siskin_domain::user::UserEvent;
use siskin_server::storage::contract::scene::{Scene, posted};
use siskin_server::storage::{Append, Audience, Expected, StoreError};

use crate::empty_store;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_very_many_tweets_is_deleted_in_parts() {
    let scene = Scene::new(empty_store().await.store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..703 {
        let (scene, id) = (scene.clone(), scene.tweet_id());
        let author = if n % 400 == 0 { ben } else { ana };
        tasks.spawn(async move {
            let (stream, event) = (StreamId::Tweet(id), posted(author, "many"));
            scene.append(stream, Expected::Empty, vec![event]).await.unwrap();
        });
    }
    tasks.join_all().await;
    let stale = Append {
        stream: StreamId::User(ana),
        expected: Expected::At(7),
        events: vec![UserEvent::Deleted.into()],
        at: siskin_server::storage::contract::scene::time(1),
        actor: Some(ana),
        effects: vec![],
    };
    let refused = scene.store.append(stale).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(scene.store.find_user(ana, Audience::All).await.unwrap().unwrap().tweets_count, 701);
    scene.delete_user(ana).await;
    assert_eq!(scene.store.find_user(ana, Audience::All).await.unwrap(), None);
    assert_eq!(scene.store.find_user(ben, Audience::All).await.unwrap().unwrap().tweets_count, 2);
    assert_eq!(scene.log().await.len(), 2 + 703 + 701 + 1);
    scene.sound().await;
}
