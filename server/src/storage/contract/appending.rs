//! The log: order, positions, expectations.

use std::sync::Arc;

use siskin_domain::user::UserEvent;
use siskin_domain::{Position, Recorded, StreamId};

use super::scene::{Scene, created, posted, time};
use crate::storage::{Appended, Expected, Store};

/// Streams and the whole log give back what was appended, with everything around it.
pub async fn events_are_read_back_as_they_were_appended(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    assert_eq!(scene.store.position(), Position(0));
    let ana = scene.user_id();
    let tweet = scene.tweet_id();
    let first = scene.try_register(ana, "ana").await.unwrap();
    assert_eq!(first, Appended { position: Position(1), version: 1 });
    let second = scene.try_post(tweet, ana, "How you doing?").await.unwrap();
    assert_eq!(second, Appended { position: Position(2), version: 1 });
    let events = vec![UserEvent::PasswordUpdated.into(), UserEvent::PasswordUpdated.into()];
    let third = scene.append(StreamId::User(ana), Expected::At(1), events).await.unwrap();
    assert_eq!(third, Appended { position: Position(4), version: 3 });
    assert_eq!(scene.store.position(), Position(4));

    let recorded = |position, stream, version, second, actor, event| Recorded {
        position: Position(position),
        stream,
        version,
        at: time(second),
        actor,
        event,
    };
    let user = StreamId::User(ana);
    let log = vec![
        recorded(1, user, 1, 3, Some(ana), created("ana")),
        recorded(2, StreamId::Tweet(tweet), 1, 4, None, posted(ana, "How you doing?")),
        recorded(3, user, 2, 5, Some(ana), UserEvent::PasswordUpdated.into()),
        recorded(4, user, 3, 5, Some(ana), UserEvent::PasswordUpdated.into()),
    ];
    assert_eq!(scene.log().await, log);
    assert_eq!(scene.store.load(StreamId::Tweet(tweet)).await.unwrap(), log[1..2]);
    let own = [log[0].clone(), log[2].clone(), log[3].clone()];
    assert_eq!(scene.store.load(user).await.unwrap(), own);
    assert_eq!(scene.store.load(StreamId::Logins(ana)).await.unwrap(), []);
    scene.sound().await;
}
