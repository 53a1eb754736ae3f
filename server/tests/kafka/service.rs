//! The real executable: configured by its environment, not disturbed by Kafka.

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::broker::Kafka;
use crate::server::Server;

const PASSWORD: &str = "nobody's business";

/// Signs up, logs in and tweets; returns the token.
async fn somebody_tweets(url: &str) -> String {
    let client = Client::new();
    let account = json!({ "username": "ana", "email": "ana@example.org", "password": PASSWORD });
    let answer = client.post(format!("{url}/api/v1/users")).json(&account).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let login = json!({ "username": "ana", "password": PASSWORD });
    let answer = client.post(format!("{url}/api/v1/tokens")).json(&login).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    let token = answer["token"].as_str().unwrap().to_owned();
    let tweet = client.post(format!("{url}/api/v2/tweets")).bearer_auth(&token);
    let answer = tweet.json(&json!({ "body": "Hello" })).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_arrives_and_their_secrets_do_not() {
    let (folder, kafka) = (tempfile::tempdir().unwrap(), Kafka::start());
    let server = Server::start_with(folder.path(), &[("SISKIN_KAFKA_BROKERS", &kafka.brokers())]);
    let token = somebody_tweets(&server.url).await;
    let seen = kafka.reader().all_up_to(3).await;
    let types: Vec<&str> = {
        let mut sorted = seen.iter().collect::<Vec<_>>();
        sorted.sort_by_key(|message| message.position());
        sorted.iter().map(|message| message.json["type"].as_str().unwrap()).collect()
    };
    assert_eq!(types, ["UserCreated", "UserLoggedIn", "TweetPosted"]);
    for message in &seen {
        assert_eq!(message.json["source"], server.url);
        for secret in ["@", "argon2", PASSWORD, &token] {
            assert!(!message.text.contains(secret), "{}", message.text);
        }
    }
    server.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_broker_everything_else_works() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(
        folder.path(),
        &[("SISKIN_KAFKA_BROKERS", "127.0.0.1:9"), ("SISKIN_KAFKA_EMAIL", "on")],
    );
    somebody_tweets(&server.url).await;
    server.terminate();
    // The next start finds brokers, and they get what happened before.
    let kafka = Kafka::start();
    let server = Server::start_with(
        folder.path(),
        &[("SISKIN_KAFKA_BROKERS", &kafka.brokers()), ("SISKIN_KAFKA_EMAIL", "on")],
    );
    let seen = kafka.reader().all_up_to(3).await;
    assert!(seen.iter().any(|message| message.text.contains("ana@example.org")));
    server.terminate();
}
