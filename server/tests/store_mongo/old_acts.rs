//! Acts that were written before they were listed.

use std::sync::Arc;

use ::mongodb::bson::{Document, doc};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, Recorded, Role, StreamId};
use siskin_server::storage::contract::scene::{Scene, time};
use siskin_server::storage::{Append, Expected, MongoStore, Page};

#[tokio::test(flavor = "multi_thread")]
async fn acts_of_an_earlier_version_are_listed_once_this_one_has_looked() {
    let url = crate::mongodb::database();
    let scene = Scene::new(Arc::new(MongoStore::open(&url).await.unwrap()));
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let store = &scene.store;
    for actor in [Some(ana), Some(ben), None] {
        let tweet = scene.post(ana, "to be deleted").await;
        let events: [(StreamId, Event); 3] = [
            (StreamId::Tweet(tweet), TweetEvent::Deleted { author: ana }.into()),
            (StreamId::User(ana), UserEvent::PasswordUpdated.into()),
            (StreamId::User(ana), UserEvent::RoleUpdated { role: Role::Moderator }.into()),
        ];
        for (stream, event) in events {
            let (expected, at) = (Expected::Any, time(scene.number()));
            let (events, effects) = (vec![event], vec![]);
            store.append(Append { stream, expected, events, at, actor, effects }).await.unwrap();
        }
    }
    let client = ::mongodb::Client::with_uri_str(&url).await.unwrap();
    let events = client.default_database().unwrap().collection::<Document>("events");
    let old = doc! { "$unset": { "act": 1 } };
    let page = Page::newest(50);
    let mut expected: Vec<Recorded> =
        scene.log().await.into_iter().filter(Recorded::is_act).collect();
    expected.reverse();
    assert_eq!(expected.len(), 7);

    events.update_many(doc! {}, old.clone()).await.unwrap();
    assert_eq!(store.acts(page).await.unwrap(), []);
    store.reshape_projections().await.unwrap();
    assert_eq!(store.acts(page).await.unwrap(), expected);

    // What a server of the old version has written since is found by a rebuild.
    events.update_many(doc! {}, old).await.unwrap();
    store.reshape_projections().await.unwrap();
    assert_eq!(store.acts(page).await.unwrap(), [], "once is enough for a start");
    store.rebuild_projections().await.unwrap();
    assert_eq!(store.acts(page).await.unwrap(), expected);
    scene.sound().await;
}
