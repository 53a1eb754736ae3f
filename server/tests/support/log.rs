//! The whole log and the projections, read past all proxies, against what writers were told.

use std::collections::BTreeMap;
use std::sync::Arc;

use siskin_domain::tweet::TweetEvent;
use siskin_domain::{Event, Position, StreamId};
use siskin_server::storage::contract::scene::Scene;
use siskin_server::storage::{MongoStore, Store};

use crate::load::Told;

/// Fails unless everything acknowledged is there once, nothing is there twice or was never sent,
/// and the store is sound. Returns the positions of all tweets.
pub(crate) async fn check(database: &str, told: &Told) -> Vec<Position> {
    check_store(Arc::new(MongoStore::open(database).await.unwrap()), told).await
}

/// The same for a store that is open.
pub(crate) async fn check_store(store: Arc<dyn Store>, told: &Told) -> Vec<Position> {
    let scene = Scene::new(store);
    scene.sound().await;
    let mut there: BTreeMap<String, u64> = BTreeMap::new();
    let mut positions = Vec::new();
    for recorded in scene.log().await {
        if let (Event::Tweet(TweetEvent::Posted { body: Some(body), .. }), StreamId::Tweet(id)) =
            (&recorded.event, recorded.stream)
        {
            let before = there.insert(body.as_str().to_owned(), id.get());
            assert_eq!(before, None, "{} is there twice", body.as_str());
            positions.push(recorded.position);
        }
    }
    for (id, body) in &told.acknowledged {
        assert_eq!(there.get(body), Some(id), "{body} was acknowledged and is lost");
    }
    for body in there.keys() {
        assert!(told.sent.contains(body), "nobody sent {body}");
    }
    positions
}
