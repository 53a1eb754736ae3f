//! SIGKILL: the real executable is killed at a random moment, 200 times on the same file, while 64
//! connections tweet.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::server::{self, Server};

const ROUNDS: usize = 200;
const CONNECTIONS: usize = 64;
const PEOPLE: usize = 8;
const PASSWORD: &str = "survives a crash";

/// What the writers know: what they sent, and what they were told.
#[derive(Default)]
struct Known {
    /// Every body that was sent.
    sent: BTreeSet<String>,
    /// The bodies that were answered with 201, by the id in the answer.
    acknowledged: BTreeMap<u64, String>,
}

/// The moments of the kills: the same for the same seed (SISKIN_CRASH_SEED), printed.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> Duration {
        // xorshift64*: any scatter will do.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        // Mostly soon, as each round is one more chance to come at a bad moment.
        Duration::from_micros(1_000 + self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % 80_000)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_tweet_survives_sigkill_and_no_half_one_does() {
    let seed = std::env::var("SISKIN_CRASH_SEED").ok().and_then(|text| text.parse().ok());
    let seed: u64 = seed.unwrap_or(0x5151);
    println!("SISKIN_CRASH_SEED={seed}");
    let mut moments = Moments(seed.max(1));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut known = Known::default();

    let first = Server::start(folder.path());
    let tokens = sign_up_everybody(&first.url).await;
    drop(first);
    let clients: Vec<Client> = (0..CONNECTIONS).map(|_| client()).collect();
    let begun = std::time::Instant::now();
    let mut starting = Duration::ZERO;
    for round in 0..ROUNDS {
        let started = std::time::Instant::now();
        let server = Server::start(folder.path());
        starting += started.elapsed();
        let before = known.acknowledged.len();
        write_until_killed(server, &clients, &tokens, round, moments.next(), &mut known).await;
        assert!(known.acknowledged.len() > before, "round {round}: nothing was acknowledged");
    }
    println!("{ROUNDS} rounds in {:?}, {starting:?} of it starting", begun.elapsed());
    let unanswered = known.sent.len() - known.acknowledged.len();
    println!("{} tweets sent, {unanswered} of them without an answer", known.sent.len());
    assert!(unanswered > 0, "no kill came while a tweet was under way");

    let server = Server::start(folder.path());
    let shown = all_tweets(&server.url).await;
    assert_eq!(count_of_tweets(&server.url).await, shown.len() as u64, "tweets_count of everybody");
    server.terminate();
    check_shown(&known, &shown);
    check_log(folder.path(), &known, &shown);
    let verified = server::run(folder.path(), &["projections", "verify"]);
    assert!(verified.status.success(), "projections verify: {verified:?}");
}

async fn sign_up_everybody(url: &str) -> Vec<String> {
    let client = Client::new();
    let mut tokens = Vec::new();
    for person in 0..PEOPLE {
        let username = format!("writer{person}");
        let account = json!({ "username": username, "email": format!("{username}@example.org"), "password": PASSWORD });
        let answer = client.post(format!("{url}/api/v1/users")).json(&account).send().await;
        assert_eq!(answer.expect("an answer").status(), StatusCode::CREATED);
        let login = json!({ "username": username, "password": PASSWORD });
        let answer = client.post(format!("{url}/api/v1/tokens")).json(&login).send().await;
        let answer: Value = answer.expect("an answer").json().await.expect("JSON");
        tokens.push(answer["token"].as_str().expect("a token").to_owned());
    }
    tokens
}

/// All connections tweet until the server is gone; it is killed `after` the first answer.
async fn write_until_killed(
    mut server: Server,
    clients: &[Client],
    tokens: &[String],
    round: usize,
    after: Duration,
    known: &mut Known,
) {
    let (first_answer, mut answered) = tokio::sync::watch::channel(false);
    let writers: Vec<_> = (0..CONNECTIONS)
        .map(|writer| {
            let url = format!("{}/api/v2/tweets", server.url);
            let (client, token) = (clients[writer].clone(), tokens[writer % tokens.len()].clone());
            let first_answer = first_answer.clone();
            tokio::spawn(async move {
                let name = format!("round {round}, writer {writer}");
                write(&client, &url, &token, &name, || {
                    first_answer.send_replace(true);
                })
                .await
            })
        })
        .collect();
    // What `wait_for` gives holds the channel's lock, on which the writers would wait: it goes at once.
    let patience = Duration::from_secs(20);
    let first = tokio::time::timeout(patience, answered.wait_for(|yes| *yes)).await.is_ok();
    assert!(first, "round {round}: no tweet was acknowledged in 20 s");
    // The moment of the kill is what is tested: this is not a wait for something.
    tokio::time::sleep(after).await;
    server.kill();
    for writer in writers {
        let (sent, acknowledged) = writer.await.expect("the writer ends");
        known.sent.extend(sent);
        for (id, body) in acknowledged {
            let twice = known.acknowledged.insert(id, body);
            assert_eq!(twice, None, "the id {id} was given twice");
        }
    }
}

/// With a pool of its own, so that each writer has one connection.
fn client() -> Client {
    let client = Client::builder().pool_max_idle_per_host(1).timeout(Duration::from_secs(10));
    client.tls_built_in_root_certs(false).build().expect("a client")
}

/// Tweets over one connection until there is no answer: what was sent, and what was acknowledged.
async fn write(
    client: &Client,
    url: &str,
    token: &str,
    name: &str,
    on_answer: impl Fn(),
) -> (Vec<String>, Vec<(u64, String)>) {
    let (mut sent, mut acknowledged) = (Vec::new(), Vec::new());
    for number in 0.. {
        let body = format!("{name}, number {number}");
        sent.push(body.clone());
        let answer =
            client.post(url).bearer_auth(token).json(&json!({ "body": body })).send().await;
        let Ok(answer) = answer else { break };
        let status = answer.status();
        // The status alone acknowledges nothing: the body with the id may have been cut off.
        let Ok(answer) = answer.json::<Value>().await else { break };
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        acknowledged.push((answer["tweet"]["id"].as_u64().expect("an id"), body));
        on_answer();
    }
    (sent, acknowledged)
}

/// The whole timeline, page by page.
async fn all_tweets(url: &str) -> HashMap<u64, String> {
    let client = Client::new();
    let mut all = HashMap::new();
    let mut before = String::new();
    loop {
        let page = client.get(format!("{url}/api/v2/tweets?limit=100{before}")).send().await;
        let page: Value = page.expect("an answer").json().await.expect("JSON");
        let tweets = page["tweets_list"].as_array().expect("a list");
        let Some(last) = tweets.last() else { return all };
        before = format!("&before={}", last["id"]);
        for tweet in tweets {
            let id = tweet["id"].as_u64().expect("an id");
            let body = tweet["body"].as_str().expect("a body").to_owned();
            assert_eq!(all.insert(id, body), None, "{id} is listed twice");
        }
    }
}

/// The sum of everybody's `tweets_count`.
async fn count_of_tweets(url: &str) -> u64 {
    let users = Client::new().get(format!("{url}/api/v1/users?limit=100")).send().await;
    let users: Value = users.expect("an answer").json().await.expect("JSON");
    let users = users["user_list"].as_array().expect("a list");
    assert_eq!(users.len(), PEOPLE);
    users.iter().map(|user| user["tweets_count"].as_u64().expect("a count")).sum()
}

fn check_shown(known: &Known, shown: &HashMap<u64, String>) {
    for (id, body) in &known.acknowledged {
        assert_eq!(shown.get(id), Some(body), "an acknowledged tweet is lost or changed");
    }
    let bodies: BTreeSet<&String> = shown.values().collect();
    assert_eq!(bodies.len(), shown.len(), "a tweet was stored twice");
    for body in bodies {
        assert!(known.sent.contains(body), "nobody sent this: {body}");
    }
}

/// The log has every tweet exactly once, positions and versions without a gap.
fn check_log(folder: &Path, known: &Known, shown: &HashMap<u64, String>) {
    let tail = server::run(folder, &["events", "tail", "--no-follow"]);
    assert!(tail.status.success(), "events tail: {tail:?}");
    let text = String::from_utf8(tail.stdout).expect("UTF-8");
    let mut versions: HashMap<String, u64> = HashMap::new();
    let mut posted: HashMap<String, usize> = HashMap::new();
    for (index, line) in text.lines().enumerate() {
        let event: Value = serde_json::from_str(line).expect("a line of JSON");
        assert_eq!(event["position"], index as u64 + 1, "positions have no gap: {line}");
        let stream = event["stream"].as_str().expect("a stream").to_owned();
        let version = versions.entry(stream).or_default();
        *version += 1;
        assert_eq!(event["version"], *version, "versions have no gap: {line}");
        if event["type"] == "TweetPosted" {
            let body = event["personal"]["body"].as_str().or(event["data"]["body"].as_str());
            *posted.entry(body.expect("a body").to_owned()).or_default() += 1;
        }
    }
    assert_eq!(posted.len(), shown.len(), "the log and the timeline have the same tweets");
    for body in known.acknowledged.values().chain(shown.values()) {
        assert_eq!(posted.get(body), Some(&1), "exactly once in the log: {body}");
    }
}
