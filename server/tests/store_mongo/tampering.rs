//! What is done behind the store's back, and what can be read there.

use std::time::Duration;

use ::mongodb::bson::{Bson, Document, doc};
use siskin_server::storage::contract::scene::{credential, session};
use siskin_server::storage::{Audience, Effect, SessionKind};

use crate::mongodb::{database, host};
use crate::place::{behind, dump, scene};
use crate::proxy::{Fault, Proxy};

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_was_tampered_with_is_named_and_repaired() {
    let url = database();
    let scene = scene(&url, 1).await;
    let behind = behind(&url).await;
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let mut tweets = Vec::new();
    for text in ["first", "second", "third"] {
        tweets.push(scene.post(ana, text).await);
    }
    let [changed, removed, _] = tweets[..] else { panic!("three") };
    let (users, live) =
        (behind.collection::<Document>("users"), behind.collection::<Document>("tweets"));
    let this = |id: u64| doc! { "_id": id as i64 };
    live.update_one(this(changed.get()), doc! { "$set": { "body": "forged" } }).await.unwrap();
    live.delete_one(this(removed.get())).await.unwrap();
    let mut forged = live.find_one(this(changed.get())).await.unwrap().unwrap();
    forged.insert("_id", 77_i64);
    live.insert_one(forged).await.unwrap();
    users.update_one(this(ana.get()), doc! { "$set": { "role": "admin" } }).await.unwrap();
    users.delete_one(this(ben.get())).await.unwrap();
    users.update_one(this(ana.get()), doc! { "$set": { "tweets_count": 99_i64 } }).await.unwrap();
    let mut eve = users.find_one(this(ana.get())).await.unwrap().unwrap();
    eve.extend(doc! { "_id": 88_i64, "username": "eve", "email": "eve@example.org" });
    users.insert_one(eve).await.unwrap();
    let found = scene.store.verify_projections().await.unwrap();
    let mut found: Vec<(&str, String, String)> =
        found.differences.into_iter().map(|d| (d.projection, d.key, d.what)).collect();
    found.sort();
    let mut expected = vec![
        ("tweets", changed.to_string(), "differs in body".to_owned()),
        ("tweets", removed.to_string(), "is missing".to_owned()),
        ("tweets", "77".to_owned(), "is not in the log".to_owned()),
        ("users", ana.to_string(), "differs in role, tweets_count".to_owned()),
        ("users", ben.to_string(), "is missing".to_owned()),
        ("users", "88".to_owned(), "is not in the log".to_owned()),
    ];
    expected.sort();
    assert_eq!(found, expected);
    scene.store.rebuild_projections().await.unwrap();
    scene.sound().await;
    let text = dump(&behind).await;
    assert!(!text.contains("forged") && !text.contains("eve@example.org"));
    assert_eq!(scene.store.find_user(ana, Audience::All).await.unwrap().unwrap().tweets_count, 3);
}

/// Somebody's name stands in another one's document, whose turn comes later, and the owner has none.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_a_wrong_document_has_goes_back_to_its_owner() {
    let url = database();
    let scene = scene(&url, 1).await;
    let behind = behind(&url).await;
    let (ana, eve) = (scene.register("ana").await, scene.register("eve").await);
    for n in 0..40 {
        scene.register(&format!("somebody{n}")).await;
    }
    let ben = scene.register("ben").await;
    let users = behind.collection::<Document>("users");
    let this = |id: u64| doc! { "_id": id as i64 };
    let named = |name: &str| doc! { "username": name, "email": format!("{name}@example.org") };
    users.update_many(doc! {}, doc! { "$set": { "bio": "wrong" } }).await.unwrap();
    users.delete_one(this(ana.get())).await.unwrap();
    users.update_one(this(ben.get()), doc! { "$set": named("ana") }).await.unwrap();
    // And one that nobody knows has another one's.
    let mut unknown = users.find_one(this(eve.get())).await.unwrap().unwrap();
    users.delete_one(this(eve.get())).await.unwrap();
    unknown.insert("_id", 888_888_i64);
    users.insert_one(unknown).await.unwrap();
    scene.store.rebuild_projections().await.unwrap();
    scene.sound().await;
    let name = scene.store.find_user(ben, Audience::All).await.unwrap().unwrap().username;
    assert_eq!(name, "ben");
}

/// Far from the store every command takes long: a rebuild ends there, too, and others can write.
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_far_away_ends_and_keeps_nobody_waiting() {
    let url = database();
    let proxy = Proxy::to(host(&url)).await;
    let (far, near) = (scene(&proxy.url(&url), 1).await, scene(&url, 5000).await);
    let ana = near.register("ana").await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let near = near.clone();
        tasks.spawn(async move {
            for _ in 0..10 {
                near.post(ana, "right").await;
            }
        });
    }
    tasks.join_all().await;
    let tweets = behind(&url).await.collection::<Document>("tweets");
    tweets.update_many(doc! {}, doc! { "$set": { "body": "wrong" } }).await.unwrap();
    proxy.set(Fault::Slow(Duration::from_millis(40)));
    let rebuilt = tokio::spawn(async move { far.store.rebuild_projections().await });
    while !rebuilt.is_finished() {
        near.try_post(near.tweet_id(), ana, "meanwhile").await.unwrap();
    }
    rebuilt.await.unwrap().unwrap();
    near.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_words_are_in_no_document() {
    let url = database();
    let scene = scene(&url, 1).await;
    let behind = behind(&url).await;
    let ana = scene.register("anastasia").await;
    let ben = scene.register("benjamin").await;
    let gone = scene.post(ana, "unmistakable words").await;
    scene.post(ana, "more that is unmistakable").await;
    scene.post(ben, "words that stay").await;
    let effects = vec![
        credential(ana, "unmistakable-hash"),
        Effect::StartSession(session(ana, 9, SessionKind::Bearer, 100)),
    ];
    scene.effects(ana, effects).await.unwrap();
    let words = ["unmistakable", "anastasia", "session 9"];
    let text = dump(&behind).await;
    assert!(words.iter().all(|word| text.contains(word)), "the test would see them: {text}");
    scene.delete_tweet(gone, ana).await;
    scene.delete_user(ana).await;
    let text = dump(&behind).await;
    assert!(!words.iter().any(|word| text.contains(word)), "{text}");
    assert!(text.contains("benjamin") && text.contains("words that stay"));
    scene.sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_plain_to_read() {
    let url = database();
    let scene = scene(&url, 1).await;
    let behind = behind(&url).await;
    let ana = scene.register("ana").await;
    let id = scene.post(ana, "plain words").await;
    let one = async |collection: &str| {
        let documents = behind.collection::<Document>(collection);
        documents.find_one(doc! {}).sort(doc! { "_id": -1 }).await.unwrap().unwrap()
    };
    let user = one("users").await;
    assert_eq!(user.get("_id"), Some(&Bson::Int64(ana.get() as i64)));
    assert_eq!(user.get_str("username").unwrap(), "ana");
    assert_eq!(user.get_str("email").unwrap(), "ana@example.org");
    assert_eq!(user.get_str("name").unwrap(), "The ana");
    assert_eq!(user.get_str("role").unwrap(), "user");
    assert_eq!(user.get_i64("tweets_count").unwrap(), 1);
    user.get_datetime("created_at").unwrap();
    let tweet = one("tweets").await;
    assert_eq!(tweet.get("_id"), Some(&Bson::Int64(id.get() as i64)));
    assert_eq!(tweet.get("tweetedby"), Some(&Bson::Int64(ana.get() as i64)));
    assert_eq!(tweet.get_str("body").unwrap(), "plain words");
    tweet.get_datetime("timestamp").unwrap();
    let event = one("events").await;
    assert_eq!(event.get("_id"), Some(&Bson::Int64(2)));
    assert_eq!(event.get_str("stream").unwrap(), format!("tweet-{id}").as_str());
    assert_eq!(event.get_str("kind").unwrap(), "TweetPosted");
    assert_eq!(event.get_document("personal").unwrap().get_str("body").unwrap(), "plain words");
    event.get_datetime("at").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn projections_of_an_earlier_shape_are_made_anew_once() {
    let url = database();
    let scene = scene(&url, 1).await;
    let behind = behind(&url).await;
    let ana = scene.register("ana").await;
    scene.post(ana, "one").await;
    assert_eq!(scene.store.reshape_projections().await.unwrap(), 0, "they are of this version's");
    let earlier = doc! { "$set": { "position": 0_i64, "turn": 0_i64 } };
    let counters = behind.collection::<Document>("counters");
    counters.update_one(doc! { "_id": "projected" }, earlier).upsert(true).await.unwrap();
    let users = behind.collection::<Document>("users");
    users.update_many(doc! {}, doc! { "$set": { "tweets_count": 0_i64 } }).await.unwrap();
    assert_eq!(scene.store.reshape_projections().await.unwrap(), 2);
    scene.sound().await;
    assert_eq!(scene.store.reshape_projections().await.unwrap(), 0);
}
