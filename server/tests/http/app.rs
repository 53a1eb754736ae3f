//! The fixture: `let app = App::start().await;`

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use siskin_domain::{Role, Timestamp, TweetBody, TweetId, UserId, Username};
use siskin_server::application::{
    Caller, Clock, NewSession, OsEntropy, Outbox, Rules, Services, SystemClock,
};
use siskin_server::storage::{Client, SessionKind, Store};
use tokio::sync::watch;

use crate::place::Place;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A running server over a store of its own.
pub(crate) struct App {
    pub(crate) services: Services,
    pub(crate) address: String,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) stop: watch::Sender<bool>,
    client: reqwest::Client,
    rules: Rules,
    place: Arc<Place>,
    outbox: Option<Arc<dyn Outbox>>,
    server: tokio::task::JoinHandle<()>,
}

/// A clock that begins at the computer's time and goes on by 1 ms whenever somebody looks: things
/// have an order, and what comes back with time (places of a throttle, for one) comes back when a
/// test sets it forward, however slow the machine.
pub(crate) struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(SystemClock.now().unix_ms()))
    }
}

impl TestClock {
    pub(crate) fn forward_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// Somebody with an account and a token.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: u64,
    pub(crate) username: String,
    pub(crate) token: String,
}

impl App {
    /// A server without throttles, as most facts have nothing to do with them.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Rules)) -> Self {
        let mut rules = Rules { throttle: false, ..Rules::default() };
        change(&mut rules);
        Self::serve(rules, Arc::new(Place::new()), Arc::default(), None).await
    }

    /// A server that sends mail.
    pub(crate) async fn start_posting(outbox: Arc<dyn Outbox>) -> Self {
        Self::start_posting_with(outbox, |_| {}).await
    }

    pub(crate) async fn start_posting_with(
        outbox: Arc<dyn Outbox>,
        change: impl FnOnce(&mut Rules),
    ) -> Self {
        let mut rules = Rules { throttle: false, ..Rules::default() };
        change(&mut rules);
        Self::serve(rules, Arc::new(Place::new()), Arc::default(), Some(outbox)).await
    }

    /// Another server on the same data, as after a crash: the old one is not asked to close.
    pub(crate) async fn restart(self) -> Self {
        self.server.abort();
        Self::serve(self.rules, self.place, self.clock, self.outbox).await
    }

    /// Another server on the same store, with rules of its own.
    pub(crate) async fn beside(&self, change: impl FnOnce(&mut Rules)) -> Self {
        let mut rules = self.rules.clone();
        change(&mut rules);
        let outbox = self.outbox.clone();
        Self::serve(rules, self.place.clone(), self.clock.clone(), outbox).await
    }

    async fn serve(
        rules: Rules,
        place: Arc<Place>,
        clock: Arc<TestClock>,
        outbox: Option<Arc<dyn Outbox>>,
    ) -> Self {
        let store: Arc<dyn Store> = place.open().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (own_clock, entropy) = (clock.clone(), Arc::new(OsEntropy));
        let services =
            Services::with_outbox(store, rules.clone(), own_clock, entropy, outbox.clone());
        let (stop, stopping) = watch::channel(false);
        let router = siskin_server::http::router(services.clone(), stopping);
        let make = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, make).await.unwrap() });
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { services, address, clock, stop, client, rules, place, outbox, server }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.address))
    }
    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }
    pub(crate) async fn get_as(&self, who: &Person, path: &str) -> Answer {
        send(self.request(Method::GET, path).bearer_auth(&who.token)).await
    }
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }
    pub(crate) async fn post_as(&self, who: &Person, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).bearer_auth(&who.token).json(body)).await
    }
    pub(crate) async fn put_as(&self, who: &Person, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PUT, path).bearer_auth(&who.token).json(body)).await
    }
    pub(crate) async fn delete_as(&self, who: &Person, path: &str, body: Option<&Value>) -> Answer {
        let request = self.request(Method::DELETE, path).bearer_auth(&who.token);
        send(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// Registers somebody over the API and gives them a token.
    pub(crate) async fn sign_up(&self, username: &str) -> Person {
        let email = format!("{username}@example.org");
        let body = json!({"username": username, "email": email, "password": PASSWORD});
        let user = self.post("/api/v1/users", &body).await.expect(201);
        let id = user["user"]["id"].as_u64().unwrap();
        Person { id, username: username.to_owned(), token: self.log_in(username).await }
    }

    pub(crate) async fn log_in(&self, username: &str) -> String {
        let body = json!({"username": username, "password": PASSWORD});
        let token = self.post("/api/v1/tokens", &body).await.expect(201);
        token["token"].as_str().unwrap().to_owned()
    }

    /// As the operator does at the command line.
    pub(crate) async fn promote(&self, who: &Person, role: Role) {
        let username = Username::parse(&who.username).unwrap();
        self.services.accounts.set_role(None, &username, role).await.unwrap();
    }

    /// The `Cookie` header of a new browser session of somebody.
    pub(crate) async fn cookie(&self, who: &Person) -> String {
        let id = UserId::new(who.id).unwrap();
        let new = NewSession::browser(Client::default());
        let session = self.services.accounts.start_session(id, new).await.unwrap();
        format!("theme=dark; siskin_session={}", session.secret)
    }

    /// Posts a tweet and returns its id.
    pub(crate) async fn tweet(&self, who: &Person, body: &str) -> u64 {
        let tweet = self.post_as(who, "/api/v2/tweets", &json!({"body": body})).await.expect(201);
        tweet["tweet"]["id"].as_u64().unwrap()
    }

    /// Posts tweets side by side, so that the store takes many at once; their ids, oldest first.
    pub(crate) async fn tweet_at_once(
        &self,
        who: &Person,
        bodies: impl IntoIterator<Item = String>,
    ) -> Vec<TweetId> {
        let caller = self.caller(who).await;
        let posts = bodies.into_iter().map(async |text| {
            let body = TweetBody::parse(&text, 280).unwrap();
            self.services.tweets.post(&caller, body, None).await.unwrap().id
        });
        let mut posted = futures::future::join_all(posts).await;
        posted.sort_unstable();
        posted
    }

    /// Whom a token is of, as the services see them.
    pub(crate) async fn caller(&self, who: &Person) -> Caller {
        let found = self.services.callers.by_secret(&who.token, SessionKind::Bearer).await;
        found.unwrap().unwrap()
    }

    /// What another process on the same data would be.
    pub(crate) async fn another_process(&self) -> Services {
        let (store, clock) = (self.place.open().await, self.clock.clone());
        Services::new(store, self.rules.clone(), clock, Arc::new(OsEntropy))
    }

    /// All that the store holds, as bytes.
    pub(crate) async fn bytes_in_store(&self) -> Vec<u8> {
        self.place.bytes().await
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

impl Answer {
    /// The JSON, if the status is this one.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_str(&self.text).unwrap()
    }

    /// Checks for the whole shape of an error.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str, field: Option<&str>) {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body.get("field").and_then(Value::as_str), field, "{body}");
        assert_eq!(body["error"], sentence(status), "{body}");
        assert!(body["message"].as_str().is_some_and(|m| m.ends_with(['.', '!'])), "{body}");
    }

    /// A header's text; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }
}

fn sentence(status: u16) -> &'static str {
    match StatusCode::from_u16(status).unwrap() {
        StatusCode::BAD_REQUEST => "Bad Request",
        StatusCode::UNAUTHORIZED => "Unauthorized",
        StatusCode::FORBIDDEN => "Forbidden",
        StatusCode::NOT_FOUND => "Resource not found!",
        StatusCode::METHOD_NOT_ALLOWED => "Method not allowed",
        StatusCode::REQUEST_TIMEOUT => "Request timeout",
        StatusCode::CONFLICT => "Conflict! Record exist",
        StatusCode::PAYLOAD_TOO_LARGE => "Payload too large",
        StatusCode::URI_TOO_LONG => "URI too long",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "Unsupported media type",
        StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable",
        StatusCode::TOO_MANY_REQUESTS => "Too many requests",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "Request header fields too large",
        StatusCode::SERVICE_UNAVAILABLE => "Service unavailable",
        _ => "Internal error",
    }
}
