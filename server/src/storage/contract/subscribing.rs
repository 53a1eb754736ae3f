//! Live readers.

use std::sync::Arc;
use std::time::Duration;

use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{Position, Recorded, StreamId};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::timeout;

use super::scene::Scene;
use crate::storage::{Expected, Published, Store};

const PATIENCE: Duration = Duration::from_secs(10);

/// Reads until the event at `end` has come.
async fn until(live: &mut broadcast::Receiver<Published>, end: Position) -> Vec<Recorded> {
    let mut seen: Vec<Recorded> = Vec::new();
    while seen.last().is_none_or(|last| last.position < end) {
        let events = timeout(PATIENCE, live.recv()).await.expect("nothing came").unwrap();
        seen.extend(events.iter().cloned());
    }
    seen
}

/// A reader gets what is committed from now on, in order, once, as the log has it.
pub async fn a_live_reader_sees_what_the_log_gets(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let mut live = scene.store.subscribe();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let scene = scene.clone();
        tasks.spawn(async move {
            for _ in 0..5 {
                scene.post(ana, "live").await;
                scene.try_post(scene.tweet_id(), scene.user_id(), "ghost").await.unwrap_err();
            }
        });
    }
    tasks.join_all().await;
    let seen = until(&mut live, scene.store.position()).await;
    assert_eq!(seen, scene.log().await[1..]);
    assert!(live.is_empty());
}

/// What a deletion causes is shown, too.
pub async fn a_live_reader_sees_the_cascade(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let tweets = [scene.post(ana, "one").await, scene.post(ana, "two").await];
    let mut live = scene.store.subscribe();
    let end = scene.delete_user(ana).await.position;
    let seen = until(&mut live, end).await;
    for tweet in tweets {
        let gone = seen.iter().find(|event| event.stream == StreamId::Tweet(tweet)).unwrap();
        assert_eq!(gone.event, TweetEvent::Deleted { author: ana }.into());
    }
    assert_eq!(seen.len(), 3);
}

/// A reader that lags by more than a thousand commits is told so, and can catch up from the log
/// without loss.
pub async fn a_lagging_reader_catches_up(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let start = scene.store.position();
    let mut live = scene.store.subscribe();
    let logins = StreamId::Logins(ana);
    // One after the other, so that there are as many messages as appends.
    let appends = 1100;
    for _ in 0..appends {
        let login = vec![UserEvent::LoggedIn.into()];
        scene.append(logins, Expected::Any, login).await.unwrap();
    }
    let told = timeout(PATIENCE, live.recv()).await.expect("nothing came");
    assert!(matches!(told, Err(RecvError::Lagged(_))), "{told:?}");
    let missed = scene.store.read_all(start, 1_000_000).await.unwrap();
    assert_eq!(missed.len(), appends);
    // What is still in the channel is the end of what the log has.
    let rest = until(&mut live, scene.store.position()).await;
    assert!(missed.ends_with(&rest));
}
