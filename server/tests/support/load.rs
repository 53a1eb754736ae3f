//! Writers that tweet over the API, and remember what they were told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use stopwatch::Stopwatch;

#[path = "stopwatch.rs"]
pub(crate) mod stopwatch;

pub(crate) const WRITERS: usize = 8;
/// A request is answered within this time, whatever the store does; by a [`Stopwatch`], so that it is
/// not the machine which is measured.
pub(crate) const IN_TIME: Duration = Duration::from_secs(5);
/// No server takes so long that does not hang.
const HANGS: Duration = Duration::from_secs(60);
const PASSWORD: &str = "correct horse battery";

/// Writers at work.
pub(crate) struct Load {
    writers: JoinSet<Told>,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    refused: Arc<Mutex<BTreeMap<String, usize>>>,
}

/// What writers sent, and what they were told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Every body that was sent.
    pub(crate) sent: BTreeSet<String>,
    /// The bodies that were answered with 201, by the id in the answer.
    pub(crate) acknowledged: BTreeMap<u64, String>,
    /// The bodies of which an answer said that nothing was changed, and that nobody sent again.
    pub(crate) refused: BTreeSet<String>,
}

/// What came of a request.
enum Post {
    Done(u64),
    /// 503, with this code: nothing was changed.
    Refused(String),
    /// No answer, for this reason: nobody knows.
    Lost(String),
}

impl Load {
    /// Begins. Half of the writers repeat what was not answered under its `Idempotency-Key` until
    /// it is; the others give it up. Requests go to each server in turn.
    pub(crate) fn begin(urls: &[String], token: &str) -> Self {
        Self::at_leisure(urls, token, Duration::ZERO)
    }

    /// The same; each rests so long after each tweet, and leaves the store to others.
    pub(crate) fn at_leisure(urls: &[String], token: &str, rest: Duration) -> Self {
        let mut load = Self {
            writers: JoinSet::new(),
            stop: Arc::default(),
            acknowledged: Arc::default(),
            refused: Arc::default(),
        };
        for n in 0..WRITERS {
            let writer = Writer {
                n,
                rest,
                urls: urls.to_vec(),
                token: token.to_owned(),
                client: client(),
                acknowledged: Arc::clone(&load.acknowledged),
                refused: Arc::clone(&load.refused),
            };
            load.writers.spawn(writer.write(Arc::clone(&load.stop)));
        }
        load
    }

    /// How many tweets were answered with 201 so far.
    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// How many were not, so far.
    pub(crate) fn refused(&self) -> usize {
        self.reasons().values().sum()
    }

    /// The same, by code or reason.
    pub(crate) fn reasons(&self) -> BTreeMap<String, usize> {
        self.refused.lock().clone()
    }

    /// Lets all finish what they are at, and adds up.
    pub(crate) async fn end(self) -> Told {
        self.stop.store(true, Ordering::SeqCst);
        let mut all = Told::default();
        for told in self.writers.join_all().await {
            all.sent.extend(told.sent);
            all.refused.extend(told.refused);
            for (id, body) in told.acknowledged {
                assert_eq!(all.acknowledged.insert(id, body), None, "{id} was given twice");
            }
        }
        all
    }
}

struct Writer {
    n: usize,
    rest: Duration,
    urls: Vec<String>,
    token: String,
    client: Client,
    acknowledged: Arc<AtomicUsize>,
    refused: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Writer {
    async fn write(self, stop: Arc<AtomicBool>) -> Told {
        let mut told = Told::default();
        let mut turn = self.n;
        let mut tweet = 0;
        while !stop.load(Ordering::SeqCst) {
            tweet += 1;
            let body = format!("tweet {tweet} of writer {}", self.n);
            told.sent.insert(body.clone());
            loop {
                turn += 1;
                let post = self.post(&self.urls[turn % self.urls.len()], &body).await;
                match post {
                    Post::Done(id) => {
                        self.acknowledged.fetch_add(1, Ordering::SeqCst);
                        let before = told.acknowledged.insert(id, body);
                        assert_eq!(before, None, "{id} was given twice");
                        tokio::time::sleep(self.rest).await;
                        break;
                    }
                    Post::Refused(ref why) | Post::Lost(ref why) => {
                        *self.refused.lock().entry(why.clone()).or_default() += 1;
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        if self.n % 2 == 1 {
                            if matches!(post, Post::Refused(_)) {
                                told.refused.insert(body);
                            }
                            break;
                        }
                    }
                }
            }
        }
        told
    }

    async fn post(&self, url: &str, body: &str) -> Post {
        let watch = Stopwatch::start();
        let request = self.client.post(format!("{url}/api/v2/tweets")).bearer_auth(&self.token);
        let request = request.header("idempotency-key", body.replace(' ', "-"));
        let response = match request.json(&json!({ "body": body })).send().await {
            Ok(response) => response,
            Err(error) => return Post::Lost(format!("{error:?}")),
        };
        let status = response.status().as_u16();
        let answer = match response.json::<Value>().await {
            Ok(answer) => answer,
            Err(error) => return Post::Lost(format!("{status}: {error:?}")),
        };
        let took = watch.elapsed().await;
        // Servers in processes of their own may wait for a core unseen by the stopwatch.
        let is_here = env!("CARGO_CRATE_NAME") == "faults_mongo";
        let limit = if is_here { IN_TIME } else { HANGS };
        assert!(took < limit, "answered after {took:?}: {answer}");
        match status {
            201 => Post::Done(answer["tweet"]["id"].as_u64().unwrap()),
            503 => {
                let code = answer["code"].as_str().unwrap();
                assert!(code.contains("unavailable") || code == "store_full", "{answer}");
                Post::Refused(code.to_owned())
            }
            _ => panic!("{status}: {answer}"),
        }
    }
}

/// A client without redirects or a pool that outlives a server.
pub(crate) fn client() -> Client {
    // To read the system's certificates takes longer than most of what is tested here.
    let plain = Client::builder().tls_built_in_root_certs(false);
    plain.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// Registers somebody and logs them in: their id and a token.
pub(crate) async fn sign_up(url: &str, username: &str) -> (u64, String) {
    let email = format!("{username}@example.org");
    let body = json!({"username": username, "email": email, "password": PASSWORD});
    let user = client().post(format!("{url}/api/v1/users")).json(&body).send().await.unwrap();
    assert_eq!(user.status(), 201);
    let user: Value = user.json().await.unwrap();
    (user["user"]["id"].as_u64().unwrap(), log_in(url, username).await)
}

/// A token for somebody.
pub(crate) async fn log_in(url: &str, username: &str) -> String {
    let body = json!({"username": username, "password": PASSWORD});
    let token = client().post(format!("{url}/api/v1/tokens")).json(&body).send().await.unwrap();
    assert_eq!(token.status(), 201);
    let token: Value = token.json().await.unwrap();
    token["token"].as_str().unwrap().to_owned()
}
