//! What becomes of requests, tweets and streams when the store is away, slow or wrong for a while:
//! the real router on the real store, with a proxy before its MongoDB server that breaks things.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../support/load.rs"]
mod load;
#[path = "../support/log.rs"]
mod log;
#[path = "../support/mongodb.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod mongodb;
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/stream.rs"]
mod stream;
#[path = "../support/wait.rs"]
mod wait;

mod app;

use std::time::Duration;

use app::App;
use load::stopwatch::Stopwatch;
use load::{IN_TIME, Load, client, sign_up};
use proxy::{Fault, Proxy};
use serde_json::json;
use stream::Reader;
use wait::eventually;

/// A server of ours behind a proxy, with somebody who tweets.
struct Scene {
    database: String,
    proxy: Proxy,
    app: App,
    token: String,
}

impl Scene {
    async fn on(server: std::net::SocketAddr, database: String) -> Self {
        let proxy = Proxy::to(server).await;
        let app = App::on(&proxy.url(&database)).await;
        let (_, token) = sign_up(&app.url, "ana").await;
        Self { database, proxy, app, token }
    }

    /// On the server that all tests here share.
    async fn new() -> Self {
        let database = mongodb::database();
        Self::on(mongodb::host(&database), database).await
    }

    fn load(&self) -> Load {
        Load::begin(std::slice::from_ref(&self.app.url), &self.token)
    }

    async fn check(&self, load: Load, reader: &Reader) {
        check(&self.database, load, reader).await;
    }
}

/// Ends the load and checks that all is there, and came through the stream, once.
async fn check(database: &str, load: Load, reader: &Reader) {
    let told = load.end().await;
    let there: Vec<u64> = log::check(database, &told).await.into_iter().map(|p| p.0).collect();
    eventually("the stream has all", async || reader.seen().len() >= there.len()).await;
    assert_eq!(reader.seen(), there, "the stream has all once, and in order");
}

/// Waits until so many more tweets were acknowledged.
async fn goes_on(load: &Load, more: usize) {
    let now = load.acknowledged();
    eventually("tweets are acknowledged", async || load.acknowledged() >= now + more).await;
}

/// Does something while people tweet, none of whom must be refused: requests have 3.5 s of patience by
/// the clock, so a machine that stops for two may have taken them, and it is done again.
async fn refuses_nobody(load: &Load, work: impl AsyncFn()) {
    for _ in 0..5 {
        let before = load.refused();
        work().await;
        if load.refused() == before {
            return;
        }
    }
    panic!("somebody is refused every time: {:?}", load.reasons());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_goes_away_comes_back_by_itself() {
    let scene = Scene::new().await;
    let reader = Reader::begin(&scene.app.url, None).await;
    let load = scene.load();
    goes_on(&load, 20).await;
    assert_eq!(scene.app.ready().await, 200);
    scene.proxy.set(Fault::Refuse);
    eventually("not ready", async || scene.app.ready().await == 503).await;
    eventually("requests fail", async || load.refused() >= 8).await;
    scene.proxy.set(Fault::None);
    eventually("ready again", async || scene.app.ready().await == 200).await;
    goes_on(&load, 20).await;
    // Connections that are cut while all else is well cost nobody anything but time.
    for _ in 0..5 {
        scene.proxy.cut();
        goes_on(&load, 4).await;
    }
    scene.check(load, &reader).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stalls_is_not_waited_for() {
    let scene = Scene::new().await;
    let reader = Reader::begin(&scene.app.url, None).await;
    let load = scene.load();
    goes_on(&load, 20).await;
    scene.proxy.stall_at_commit();
    eventually("it stalls", async || scene.proxy.to_come() == 0).await;
    let watch = Stopwatch::start();
    assert_eq!(scene.app.ready().await, 503);
    let took = watch.elapsed().await;
    assert!(took < IN_TIME, "{took:?}");
    eventually("requests fail", async || load.refused() >= 8).await;
    scene.proxy.set(Fault::None);
    eventually("ready again", async || scene.app.ready().await == 200).await;
    goes_on(&load, 20).await;
    scene.check(load, &reader).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_answers_are_waited_for() {
    let scene = Scene::new().await;
    let reader = Reader::begin(&scene.app.url, None).await;
    // An append asks about ten times, and may wait for the one before it: 1.2 s of its 3.5.
    scene.proxy.set(Fault::Slow(Duration::from_millis(60)));
    let load = scene.load();
    refuses_nobody(&load, async || goes_on(&load, 12).await).await;
    scene.check(load, &reader).await;
    // A person alone may wait longer for each answer.
    scene.proxy.set(Fault::Slow(Duration::from_millis(120)));
    let password = "correct horse battery";
    let ben = json!({"username": "ben", "email": "ben@example.org", "password": password});
    let log_in = json!({"username": "ben", "password": password});
    let tweet = json!({"body": "slowly"});
    let url = |path| format!("{}{path}", scene.app.url);
    for (path, body) in
        [("/api/v1/users", ben), ("/api/v1/tokens", log_in), ("/api/v2/tweets", tweet)]
    {
        let post = client().post(url(path)).bearer_auth(&scene.token).json(&body);
        is_answered(201, post).await;
    }
    is_answered(200, client().get(url("/api/v2/tweets"))).await;
    is_answered(200, client().get(url("/readyz"))).await;
}

/// Asks, and again if the machine took a request's patience: then it is 503, which changes nothing.
async fn is_answered(status: u16, request: reqwest::RequestBuilder) {
    for _ in 0..5 {
        let answer = request.try_clone().unwrap().send().await.unwrap();
        if answer.status() != 503 {
            assert_eq!(answer.status(), status);
            return;
        }
    }
    panic!("503 every time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_primary_loses_nothing() {
    let scene = Scene::new().await;
    let reader = Reader::begin(&scene.app.url, None).await;
    let load = scene.load();
    goes_on(&load, 8).await;
    for writes in [1, 3, 6] {
        scene.proxy.stale_primary_for(writes);
        eventually("it was stale", async || scene.proxy.to_come() == 0).await;
        goes_on(&load, 8).await;
    }
    scene.check(load, &reader).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_steps_down_is_waited_for() {
    let server = mongodb::Server::start();
    let database = server.database();
    let app = App::on(&database).await;
    let (_, token) = sign_up(&app.url, "ana").await;
    let reader = Reader::begin(&app.url, None).await;
    let load = Load::begin(std::slice::from_ref(&app.url), &token);
    goes_on(&load, 8).await;
    let admin = ::mongodb::Client::with_uri_str(&database).await.unwrap().database("admin");
    for _ in 0..2 {
        let step_down = ::mongodb::bson::doc! { "replSetStepDown": 1, "force": true };
        admin.run_command(step_down).await.unwrap();
        goes_on(&load, 8).await;
    }
    check(&database, load, &reader).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_nobody_heard_of_is_there_once() {
    let scene = Scene::new().await;
    let reader = Reader::begin(&scene.app.url, None).await;
    let load = scene.load();
    goes_on(&load, 8).await;
    // The driver asks again.
    refuses_nobody(&load, async || {
        for commits in [1, 2, 3] {
            scene.proxy.lose_answers_of_commits(commits);
            eventually("answers are lost", async || scene.proxy.to_come() == 0).await;
            goes_on(&load, 8).await;
        }
    })
    .await;
    scene.check(load, &reader).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_killed_and_started_again_has_all() {
    let mut server = mongodb::Server::durable();
    let scene = Scene::on(server.addr, server.database()).await;
    let reader = Reader::begin(&scene.app.url, None).await;
    let load = scene.load();
    for _ in 0..2 {
        goes_on(&load, 8).await;
        server.kill();
        eventually("not ready", async || scene.app.ready().await == 503).await;
        tokio::task::block_in_place(|| server.restart());
        eventually("ready again", async || scene.app.ready().await == 200).await;
    }
    goes_on(&load, 8).await;
    scene.check(load, &reader).await;
}
