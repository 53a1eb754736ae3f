//! What arrives is what happened, and nothing that is nobody's business.

use std::collections::BTreeMap;

use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{Bio, Role, StreamId};
use siskin_server::storage::Expected;
use siskin_server::storage::contract::scene::credential;

use crate::broker::{Arrived, Kafka};
use crate::relay::Site;

/// One event of each type; the relay has seen the personal ones before they are erased.
async fn everything_happens(site: &Site, kafka: &Kafka) -> Vec<Arrived> {
    let mut reader = kafka.reader();
    let relay = site.relay(kafka);
    let scene = &site.scene;
    let ana = scene.register("ana").await;
    let user = StreamId::User(ana);
    let changes = ProfileUpdate { bio: Some(Bio::parse("Hi").unwrap()), ..Default::default() };
    scene.update(ana, changes).await.unwrap();
    let events = vec![UserEvent::PasswordUpdated.into()];
    let effects = vec![credential(ana, "$argon2id$secret")];
    scene.append_with(user, Expected::Any, events, effects).await.unwrap();
    let events = vec![UserEvent::LoggedIn.into()];
    scene.append(StreamId::Logins(ana), Expected::Any, events).await.unwrap();
    let events = vec![UserEvent::RoleUpdated { role: Role::Admin }.into()];
    scene.append(user, Expected::Any, events).await.unwrap();
    let tweet = scene.post(ana, "Hello").await;
    reader.all_up_to(site.end()).await;
    let events = vec![TweetEvent::Deleted { author: ana }.into()];
    scene.append(StreamId::Tweet(tweet), Expected::Any, events).await.unwrap();
    scene.delete_user(ana).await;
    let seen = reader.all_up_to(site.end()).await;
    relay.stop().await;
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_arrives_under_its_topic_and_key() {
    let (site, kafka) = (Site::new(), Kafka::start());
    let seen = everything_happens(&site, &kafka).await;
    let by_type: BTreeMap<&str, &Arrived> =
        seen.iter().map(|message| (message.json["type"].as_str().unwrap(), message)).collect();
    let types = [
        ("PasswordUpdated", "users"),
        ("TweetDeleted", "tweets"),
        ("TweetPosted", "tweets"),
        ("UserCreated", "users"),
        ("UserDeleted", "users"),
        ("UserLoggedIn", "users"),
        ("UserRoleUpdated", "users"),
        ("UserUpdated", "users"),
    ];
    assert_eq!(by_type.keys().copied().collect::<Vec<_>>(), types.map(|(name, _)| name));
    for (name, topic) in types {
        let message = by_type[name];
        assert_eq!(message.topic, topic, "{name}");
        assert_eq!(message.key, message.json["data"]["id"].to_string(), "{name}");
        assert_eq!(message.content_type, "application/cloudevents+json; charset=UTF-8");
    }
    assert_eq!(by_type["TweetPosted"].json["data"]["body"], "Hello");
    assert_eq!(by_type["UserLoggedIn"].key, by_type["UserCreated"].key);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_and_no_address_leaves() {
    let (site, kafka) = (Site::new(), Kafka::start());
    for message in everything_happens(&site, &kafka).await {
        for secret in ["@", "argon2", "secret"] {
            assert!(!message.text.contains(secret), "{}", message.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_leave_if_the_operator_wants_it() {
    let (mut site, kafka) = (Site::new(), Kafka::start());
    site.email = true;
    let seen = everything_happens(&site, &kafka).await;
    let created = seen.iter().find(|message| message.json["type"] == "UserCreated").unwrap();
    assert_eq!(created.json["data"]["email"], "ana@example.org");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_before_is_not_published() {
    let (site, kafka) = (Site::new(), Kafka::start());
    let ana = site.scene.register("ana").await;
    site.scene.post(ana, "Hello").await;
    site.scene.delete_user(ana).await;
    let mut reader = kafka.reader();
    let relay = site.relay(&kafka);
    for message in reader.all_up_to(site.end()).await {
        for word in ["\"ana\"", "Hello", "example.org\""] {
            let data = message.json["data"].to_string();
            assert!(!data.contains(word), "{data}");
        }
    }
    relay.stop().await;
}
