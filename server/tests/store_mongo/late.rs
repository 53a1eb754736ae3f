//! Who waits too long is told so, and that is true.

use std::time::Duration;

use siskin_domain::{Position, StreamId};

use crate::mongodb::{database, host};
use crate::place::scene;
use crate::proxy::{Fault, Proxy};
use crate::wait::eventually;

/// What waited behind a transaction that stalled is not done after its caller was told that it was not.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_as_too_slow_is_not_done_later() {
    let url = database();
    let proxy = Proxy::to(host(&url)).await;
    let here = scene(&proxy.url(&url), 1).await;
    let ana = here.register("ana").await;
    proxy.set(Fault::Stall);
    let [first, soon, later] = [(); 3].map(|()| here.tweet_id());
    let after = async |ms, id| {
        // While the writer waits for the one before.
        tokio::time::sleep(Duration::from_millis(ms)).await;
        here.try_post(id, ana, "refused").await
    };
    let refused = tokio::join!(after(0, first), after(200, soon), after(1500, later));
    for refused in [refused.0, refused.1, refused.2] {
        assert!(refused.is_err(), "{refused:?}");
    }
    proxy.set(Fault::None);
    eventually("it writes", async || here.try_post(here.tweet_id(), ana, "goes on").await.is_ok())
        .await;
    for tweet in [first, soon, later] {
        let stream = here.store.load(StreamId::Tweet(tweet)).await.unwrap();
        assert_eq!(stream, [], "its caller was told that nothing was changed");
    }
    here.sound().await;
}

/// What is committed is answered in time even if what others wrote before can't be shown yet.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_written_is_told_so_while_the_log_cannot_be_read() {
    let url = database();
    let proxy = Proxy::to(host(&url)).await;
    let (here, there) = (scene(&proxy.url(&url), 1).await, scene(&url, 500).await);
    let ana = here.register("ana").await;
    eventually("both have begun", async || there.store.position() == Position(1)).await;
    proxy.set(Fault::HideNews);
    there.post(ana, "not shown here").await;
    let generation = here.store.generation();
    let appended = here.try_post(here.tweet_id(), ana, "written here").await.unwrap();
    assert_eq!(appended.position, Position(3));
    assert_ne!(here.store.generation(), generation, "caches must look again");
    proxy.set(Fault::None);
    eventually("it is shown", async || here.store.position() == Position(3)).await;
    here.sound().await;
}
