//! Somebody who reads and tweets all the time, whatever the server answers.

use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

const PASSWORD: &str = "correct horse battery";
/// What a visitor does in a round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    /// What is read.
    reads: &'static [&'static str],
    /// How many tweets are posted.
    tweets: u64,
    /// Whether somebody else tries to log in, with a wrong password.
    guesses: bool,
    /// How long it is to the next round.
    pause: Duration,
}

impl Habits {
    const READS: &[&str] = &["/", "/api/v2/tweets", "/api/v1/users", "/nowhere"];

    /// Reads pages and lists, and tweets.
    pub(crate) const ALL: Self =
        Self { reads: Self::READS, tweets: 1, guesses: false, pause: Duration::from_millis(300) };
    /// The same, and guesses a password.
    pub(crate) const GUESSES: Self = Self { guesses: true, ..Self::ALL };
    /// Reads only, and needs no account.
    pub(crate) const READS_ONLY: Self = Self { tweets: 0, ..Self::ALL };
    /// Tweets all the time.
    pub(crate) const TWEETS_MUCH: Self = Self { tweets: 10, ..Self::ALL };
    /// Tweets once a second and does nothing else, so that a slow tweet is not lost among fast reads.
    pub(crate) const TWEETS_ONLY: Self =
        Self { reads: &[], pause: Duration::from_secs(1), ..Self::ALL };
}

/// Goes away when dropped.
pub(crate) struct Visitor {
    visiting: JoinHandle<()>,
}

impl Visitor {
    /// Comes, with an account if there is something to tweet.
    pub(crate) async fn to(url: &str, habits: Habits) -> Self {
        let client = Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        let token = match habits.tweets {
            0 => String::new(),
            _ => sign_up(&client, url, "ana").await,
        };
        Self { visiting: tokio::spawn(visit(client, url.to_owned(), token, habits)) }
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.visiting.abort();
    }
}

async fn visit(client: Client, url: String, token: String, habits: Habits) {
    for round in 1_u64.. {
        for path in habits.reads {
            send(client.get(format!("{url}{path}"))).await;
        }
        for tweet in 0..habits.tweets {
            let body = json!({ "body": format!("tweet {tweet} of round {round}") });
            let post = client.post(format!("{url}/api/v2/tweets")).bearer_auth(&token).json(&body);
            send(post).await;
        }
        if habits.guesses {
            let guess = json!({ "username": "ana", "password": "perhaps this one" });
            send(client.post(format!("{url}/api/v1/tokens")).json(&guess)).await;
        }
        tokio::time::sleep(habits.pause).await;
    }
}

/// Takes whatever is answered, to its end, so that the connection serves again.
async fn send(request: RequestBuilder) {
    if let Ok(answer) = request.send().await {
        let _ = answer.bytes().await;
    }
}

/// Registers somebody and logs them in: a token.
pub(crate) async fn sign_up(client: &Client, url: &str, username: &str) -> String {
    let email = format!("{username}@example.org");
    let body = json!({ "username": username, "email": email, "password": PASSWORD });
    made(client.post(format!("{url}/api/v1/users")).json(&body)).await;
    let token = made(client.post(format!("{url}/api/v1/tokens")).json(&body)).await;
    token["token"].as_str().unwrap().to_owned()
}

/// Makes something that needs a password's hash. Threads that hash have the lowest priority: beside
/// others who want whole cores it may take longer than the server's 30 s, and is asked for again.
async fn made(request: RequestBuilder) -> Value {
    let request = request.timeout(Duration::from_secs(60));
    for _ in 0..10 {
        let answer = request.try_clone().unwrap().send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        if status != 503 {
            assert_eq!(status, 201, "{text}");
            return serde_json::from_str(&text).unwrap();
        }
    }
    panic!("503 every time");
}
