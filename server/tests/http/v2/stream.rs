//! `GET /api/v2/stream`

use std::time::Duration;

use futures::StreamExt;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::app::{App, PASSWORD, Person, send};
use crate::stopwatch::Stopwatch;

const PATH: &str = "/api/v2/stream";
/// Nothing here takes this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(20);
/// What is open ends within a second of its session, by a [`Stopwatch`]; the rest is for a machine on
/// which answers take longer than sleeping does. Who looks every ten seconds only is seen.
const SOON: Duration = Duration::from_secs(4);

/// An event as it came.
#[derive(Debug, Clone, PartialEq)]
struct Event {
    name: String,
    id: u64,
    data: Value,
}

/// A stream that is open.
struct Open {
    bytes: std::pin::Pin<Box<dyn futures::Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    text: String,
}

impl Open {
    /// Opens a stream; it is listening when this returns.
    async fn at(app: &App, last: Option<u64>) -> Self {
        Self::of(app.request(Method::GET, PATH), last).await
    }

    /// The same for somebody who is signed in with a token.
    async fn by(app: &App, who: &Person) -> Self {
        Self::of(app.request(Method::GET, PATH).bearer_auth(&who.token), None).await
    }

    async fn of(mut request: RequestBuilder, last: Option<u64>) -> Self {
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let mut open = Self { bytes: Box::pin(response.bytes_stream()), text: String::new() };
        assert!(open.block().await.unwrap().starts_with(": open\nid: "));
        open
    }

    /// The next block of lines; `None` at the stream's end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                return Some(block);
            }
            let next = tokio::time::timeout(PATIENCE, self.bytes.next()).await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&next.unwrap()).unwrap());
        }
    }

    /// It says nothing more, and is at its end soon.
    async fn ends(&mut self) {
        let watch = Stopwatch::start();
        assert_eq!(self.block().await, None);
        let took = watch.elapsed().await;
        assert!(took < SOON, "it went on for {took:?}");
    }

    async fn event(&mut self) -> Event {
        loop {
            let block = self.block().await.unwrap();
            if block.starts_with(':') {
                continue;
            }
            let field = |name: &str| {
                let line = block.lines().find(|line| line.starts_with(name)).unwrap();
                line[name.len() + 2..].to_owned()
            };
            assert_eq!(block.lines().count(), 3, "{block}");
            return Event {
                name: field("event"),
                id: field("id").parse().unwrap(),
                data: serde_json::from_str(&field("data")).unwrap(),
            };
        }
    }
}

#[tokio::test]
async fn tweets_come_as_they_are_posted_and_deleted() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.tweet(&ana, "before").await;
    let mut stream = Open::at(&app, None).await;
    let tweet = app.post_as(&ana, "/api/v2/tweets", &json!({"body": "a\nb"})).await.expect(201);
    let event = stream.event().await;
    assert_eq!(event.name, "tweet.posted");
    assert_eq!(event.data, tweet["tweet"]);
    let id = tweet["tweet"]["id"].as_u64().unwrap();
    app.delete_as(&ana, &format!("/api/v2/tweets/{id}"), None).await.expect(200);
    let gone = stream.event().await;
    assert_eq!((gone.name.as_str(), &gone.data), ("tweet.deleted", &json!({"id": id})));
    assert!(gone.id > event.id);
}

#[tokio::test]
async fn what_moderators_keep_from_others_is_not_told() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let moderator = app.sign_up("moderator").await;
    app.promote(&moderator, siskin_domain::Role::Moderator).await;
    let tweet = app.tweet(&ana, "words").await;
    let mut stream = Open::at(&app, None).await;
    let because = json!({"reason": "because"});
    let hiding = format!("/api/v1/moderation/tweets/{tweet}/hiding");
    app.put_as(&moderator, &hiding, &because).await.expect(200);
    let gone = stream.event().await;
    assert_eq!((gone.name.as_str(), &gone.data), ("tweet.deleted", &json!({"id": tweet})));
    app.delete_as(&moderator, &hiding, Some(&because)).await.expect(200);
    let shown = stream.event().await;
    assert_eq!((shown.name.as_str(), &shown.data["body"]), ("tweet.posted", &json!("words")));

    let silence = format!("/api/v1/moderation/users/{}/silence", ana.id);
    app.put_as(&moderator, &silence, &because).await.expect(200);
    app.tweet(&ana, "silenced").await;
    app.tweet(&ben, "heard").await;
    assert_eq!(stream.event().await.data["body"], "heard");
    // Whoever comes back later is told no more.
    let mut again = Open::at(&app, Some(shown.id)).await;
    assert_eq!(again.event().await.data["body"], "heard");
}

#[tokio::test]
async fn who_comes_back_misses_nothing_and_hears_nothing_twice() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let mut stream = Open::at(&app, None).await;
    app.tweet(&ana, "1").await;
    let seen = stream.event().await.id;
    drop(stream);
    app.tweet_at_once(&ana, (2..=700).map(|n| n.to_string())).await;
    let mut stream = Open::at(&app, Some(seen)).await;
    // While the stream catches up, more comes in.
    let posting = async {
        for n in 701..=750 {
            app.tweet(&ana, &n.to_string()).await;
        }
    };
    let reading = async {
        let mut heard = Vec::new();
        while heard.len() < 749 {
            let event = stream.event().await;
            heard.push((event.id, event.data["body"].as_str().unwrap().parse().unwrap()));
        }
        heard
    };
    let ((), heard) = tokio::join!(posting, reading);
    assert!(heard.is_sorted_by(|one, next| one.0 < next.0), "in the log's order: {heard:?}");
    let mut bodies: Vec<u32> = heard.into_iter().map(|(_, body)| body).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, (2..=750).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_slow_listener_misses_nothing() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let caller = app.caller(&ana).await;
    let mut listener = app.services.live.listen(None);
    // More batches than the channel holds (256), before anything is read.
    for n in 0..300 {
        app.services.tweets.post(&caller, body(&n.to_string()), None).await.unwrap();
    }
    let mut text = String::new();
    while text.matches("event: tweet.posted").count() < 300 {
        let next = tokio::time::timeout(PATIENCE, listener.next()).await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&next).unwrap());
    }
    let bodies: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| {
            serde_json::from_str::<Value>(data).unwrap()["body"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(bodies, (0..300).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_was_erased_is_not_told_again() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let first = app.tweet(&ana, "erased").await;
    app.delete_as(&ana, &format!("/api/v2/tweets/{first}"), None).await.expect(200);
    app.tweet(&ana, "kept").await;
    let mut stream = Open::at(&app, Some(0)).await;
    assert_eq!(stream.event().await.data, json!({"id": first}));
    assert_eq!(stream.event().await.data["body"], "kept");
}

#[tokio::test]
async fn positions_go_on_after_a_restart() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let mut stream = Open::at(&app, None).await;
    app.tweet(&ana, "1").await;
    let seen = stream.event().await.id;
    app.tweet(&ana, "2").await;
    drop(stream);
    let app = app.restart().await;
    app.tweet(&ana, "3").await;
    let mut stream = Open::at(&app, Some(seen)).await;
    assert_eq!(stream.event().await.data["body"], "2");
    assert_eq!(stream.event().await.data["body"], "3");
}

#[tokio::test]
async fn a_position_is_a_number() {
    let app = App::start().await;
    for id in ["x", "-1", "1.5", "1 2"] {
        let request = app.request(Method::GET, PATH).header("last-event-id", id);
        send(request).await.refused(400, "last_event_id_invalid", None);
    }
    app.get(&format!("{PATH}?last_event_id=x")).await.refused(400, "last_event_id_invalid", None);
}

#[tokio::test]
async fn the_stream_ends_when_the_server_stops() {
    let app = App::start().await;
    let mut stream = Open::at(&app, None).await;
    app.stop.send(true).unwrap();
    let last = stream.block().await.unwrap();
    let (id, retry) = last.split_once('\n').unwrap();
    assert_eq!(id, "id: 0");
    let retry: u64 = retry.strip_prefix("retry: ").unwrap().parse().unwrap();
    assert!((200..1200).contains(&retry), "{retry}");
    assert_eq!(stream.block().await, None);
}

#[tokio::test]
async fn an_address_has_50_streams() {
    let app = App::start_with(|rules| rules.throttle = true).await;
    let mut streams = Vec::new();
    for _ in 0..50 {
        streams.push(Open::at(&app, None).await);
    }
    let refused = app.get(PATH).await;
    refused.refused(429, "throttled", None);
    assert_eq!(refused.header("retry-after"), "30");
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_no_other_does() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let other = Person { token: app.log_in("ana").await, ..ana.clone() };
    let mut streams = [Open::by(&app, &ana).await, Open::by(&app, &ana).await];
    let mut others =
        [Open::at(&app, None).await, Open::by(&app, &ben).await, Open::by(&app, &other).await];
    app.delete_as(&ana, "/api/v1/tokens/current", None).await.expect(200);
    for stream in &mut streams {
        stream.ends().await;
    }
    app.tweet(&ben, "still here").await;
    for stream in &mut others {
        assert_eq!(stream.event().await.data["body"], "still here");
    }
}

#[tokio::test]
async fn a_browsers_stream_ends_with_all_others() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let request = app.request(Method::GET, PATH).header("cookie", cookie);
    let (mut browser, mut own) = (Open::of(request, None).await, Open::by(&app, &ana).await);
    app.delete_as(&ana, "/api/v1/sessions", None).await.expect(200);
    browser.ends().await;
    app.tweet(&ana, "still here").await;
    assert_eq!(own.event().await.data["body"], "still here");
}

#[tokio::test]
async fn a_new_password_and_a_deleted_account_end_streams() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let other = Person { token: app.log_in("ana").await, ..ana.clone() };
    let (mut own, mut others) = (Open::by(&app, &ana).await, Open::by(&app, &other).await);
    let body = json!({"password": "another good one", "current_password": PASSWORD});
    app.put_as(&ana, &format!("/api/v1/users/{}", ana.id), &body).await.expect(200);
    others.ends().await;
    let body = json!({"username": "ana"});
    app.delete_as(&ana, "/api/v1/users", Some(&body)).await.expect(200);
    own.ends().await;
}

#[tokio::test]
async fn what_another_server_ended_ends_the_stream_here() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let other = Person { token: app.log_in("ana").await, ..ana.clone() };
    let there = app.beside(|_| {}).await;
    let mut stream = Open::by(&app, &ana).await;
    there.delete_as(&other, "/api/v1/sessions", None).await.expect(200);
    stream.ends().await;
}

#[tokio::test]
async fn a_stream_ends_when_its_token_expires() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let body = json!({"username": "ana", "password": PASSWORD, "expires_in_days": 1});
    let token = app.post("/api/v1/tokens", &body).await.expect(201);
    let short = Person { token: token["token"].as_str().unwrap().to_owned(), ..ana };
    let mut stream = Open::by(&app, &short).await;
    app.clock.forward_ms(24 * 60 * 60 * 1000);
    stream.ends().await;
}

#[tokio::test]
async fn a_token_that_is_not_valid_opens_no_stream() {
    let app = App::start().await;
    let request = app.request(Method::GET, PATH).bearer_auth("sk_nobody");
    send(request).await.refused(401, "token_invalid", None);
}

fn body(text: &str) -> siskin_domain::TweetBody {
    siskin_domain::TweetBody::parse(text, 280).unwrap()
}
