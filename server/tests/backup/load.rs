//! Writers at full speed over HTTP, and what they have been told at any moment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const PASSWORD: &str = "never lose it";

/// Writers at work.
pub(crate) struct Load {
    writers: JoinSet<()>,
    stop: Arc<AtomicBool>,
    told: Arc<Mutex<BTreeMap<u64, String>>>,
}

impl Load {
    /// So many begin, each with a connection of its own; all they send is to be done at once.
    pub(crate) fn begin(url: &str, token: &str, count: usize) -> Self {
        Self::of(url, token, count, false)
    }

    /// The same, for a store on a server that a busy machine slows down beyond a request's patience:
    /// what is 503, and so was not done, is sent again.
    pub(crate) fn persistent(url: &str, token: &str, count: usize) -> Self {
        Self::of(url, token, count, true)
    }

    fn of(url: &str, token: &str, count: usize, again: bool) -> Self {
        let mut load = Self { writers: JoinSet::new(), stop: Arc::default(), told: Arc::default() };
        for writer in 0..count {
            let (stop, told) = (Arc::clone(&load.stop), Arc::clone(&load.told));
            let (url, token) = (format!("{url}/api/v2/tweets"), token.to_owned());
            load.writers.spawn(async move {
                let client = reqwest::Client::new();
                let mut n = 0;
                while !stop.load(Ordering::SeqCst) {
                    let body = format!("tweet {n} of writer {writer}");
                    let request = client.post(&url).bearer_auth(&token);
                    let answer = request.json(&json!({ "body": body })).send().await.unwrap();
                    if again && answer.status() == 503 {
                        continue;
                    }
                    assert_eq!(answer.status(), 201);
                    n += 1;
                    let answer: Value = answer.json().await.unwrap();
                    told.lock().insert(answer["tweet"]["id"].as_u64().unwrap(), body);
                }
            });
        }
        load
    }

    /// What was acknowledged until now.
    pub(crate) fn told(&self) -> BTreeMap<u64, String> {
        self.told.lock().clone()
    }

    /// Waits until so many more are acknowledged.
    pub(crate) async fn more(&self, count: usize) {
        let enough = self.told.lock().len() + count;
        crate::wait::eventually("writers write", async || self.told.lock().len() >= enough).await;
    }

    pub(crate) async fn end(self) -> BTreeMap<u64, String> {
        self.stop.store(true, Ordering::SeqCst);
        self.writers.join_all().await;
        let told = self.told.lock();
        told.clone()
    }
}

/// Registers somebody; a token of theirs.
pub(crate) async fn sign_up(url: &str, username: &str) -> String {
    let email = format!("{username}@example.org");
    let account = json!({"username": username, "email": email, "password": PASSWORD});
    let client = reqwest::Client::new();
    let user = client.post(format!("{url}/api/v1/users")).json(&account).send().await.unwrap();
    assert_eq!(user.status(), 201);
    log_in(url, username).await
}

/// A token of somebody's.
pub(crate) async fn log_in(url: &str, username: &str) -> String {
    let body = json!({"username": username, "password": PASSWORD});
    let client = reqwest::Client::new();
    let token = client.post(format!("{url}/api/v1/tokens")).json(&body).send().await.unwrap();
    assert_eq!(token.status(), 201);
    let token: Value = token.json().await.unwrap();
    token["token"].as_str().unwrap().to_owned()
}

/// Tweets once; the tweet's id.
pub(crate) async fn post(url: &str, token: &str, body: &str) -> u64 {
    let request = reqwest::Client::new().post(format!("{url}/api/v2/tweets")).bearer_auth(token);
    let answer = request.json(&json!({ "body": body })).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let answer: Value = answer.json().await.unwrap();
    answer["tweet"]["id"].as_u64().unwrap()
}
