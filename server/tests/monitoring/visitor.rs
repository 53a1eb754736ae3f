//! Somebody who reads and tweets all the time, whatever the server answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

const PASSWORD: &str = "correct horse battery";
/// Between two rounds. A round is a handful of requests.
const PAUSE: Duration = Duration::from_millis(250);

/// What a visitor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// Reads pages and lists, and tweets.
    All,
    /// Reads.
    Reads,
}

/// Goes away when dropped.
pub(crate) struct Visitor {
    visiting: JoinHandle<()>,
    rounds: Arc<AtomicU64>,
}

impl Visitor {
    /// Comes, without an account if only to read.
    pub(crate) async fn to(url: &str, does: Does) -> Self {
        let client = Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        let token = match does {
            Does::All => Some(sign_up(&client, url, "ana").await),
            Does::Reads => None,
        };
        let rounds = Arc::<AtomicU64>::default();
        let visiting =
            tokio::spawn(visit(client, url.to_owned(), token, Arc::clone(&rounds)));
        Self { visiting, rounds }
    }

    /// How many rounds it has made.
    pub(crate) fn rounds(&self) -> u64 {
        self.rounds.load(Ordering::SeqCst)
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.visiting.abort();
    }
}

async fn visit(client: Client, url: String, token: Option<String>, rounds: Arc<AtomicU64>) {
    loop {
        let round = rounds.fetch_add(1, Ordering::SeqCst);
        for path in ["/", "/api/v2/tweets", "/api/v1/users", "/nowhere"] {
            // To its end, so that the connection serves again.
            if let Ok(answer) = client.get(format!("{url}{path}")).send().await {
                let _ = answer.bytes().await;
            }
        }
        if let Some(token) = &token {
            let tweet = json!({ "body": format!("tweet {round}") });
            let post = client.post(format!("{url}/api/v2/tweets")).bearer_auth(token).json(&tweet);
            if let Ok(answer) = post.send().await {
                let _ = answer.bytes().await;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Registers somebody and logs them in: a token.
pub(crate) async fn sign_up(client: &Client, url: &str, username: &str) -> String {
    let email = format!("{username}@example.org");
    let body = json!({ "username": username, "email": email, "password": PASSWORD });
    let user = client.post(format!("{url}/api/v1/users")).json(&body).send().await.unwrap();
    assert_eq!(user.status(), 201, "{}", user.text().await.unwrap_or_default());
    let token = client.post(format!("{url}/api/v1/tokens")).json(&body).send().await.unwrap();
    assert_eq!(token.status(), 201);
    let token: Value = token.json().await.unwrap();
    token["token"].as_str().unwrap().to_owned()
}
