//! Sessions from before they told of themselves.

use std::sync::Arc;

use ::mongodb::bson::{Document, doc};
use siskin_server::storage::contract::scene::{Scene, time, token};
use siskin_server::storage::{Client, MongoStore, Scopes, SessionKind};

#[tokio::test(flavor = "multi_thread")]
async fn a_session_from_before_scopes_may_do_everything_and_can_be_ended() {
    let url = crate::mongodb::database();
    let scene = Scene::new(Arc::new(MongoStore::open(&url).await.unwrap()));
    let ana = scene.register("ana").await;
    scene.start(ana, 1, SessionKind::Bearer, 100).await;
    let client = ::mongodb::Client::with_uri_str(&url).await.unwrap();
    let sessions = client.default_database().unwrap().collection::<Document>("sessions");
    let old = doc! { "$unset": { "device": 1, "place": 1, "scopes": 1 } };
    assert_eq!(sessions.update_one(doc! {}, old).await.unwrap().modified_count, 1);

    let found = scene.store.find_session(&token(1), time(1)).await.unwrap().unwrap();
    assert_eq!(found.scopes, Scopes::ALL);
    let listed = scene.store.sessions_of(ana, time(1), 100).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].scopes, &listed[0].client), (Scopes::ALL, &Client::default()));
    assert!(scene.store.end_session_of(ana, listed[0].id).await.unwrap());
}
