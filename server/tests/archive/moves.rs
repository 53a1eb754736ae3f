//! What arrives is what left.

use std::sync::Arc;

use siskin_domain::{Email, Password, Position, Role, TweetBody, Username};
use siskin_server::application::{
    NewAccount, NewSession, OsEntropy, Rules, Services, SystemClock, WayIn,
};
use siskin_server::archive::digest::digests;
use siskin_server::storage::contract::scene::{time, token};
use siskin_server::storage::{Audience, Client, Store};

use super::history::{TEXTS, lively};
use super::stores::{File, bring, empty, now, pairs, turn};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_the_same_after_a_move() {
    let _turn = turn().await;
    for (from, to) in pairs() {
        let (source, target) = (empty(from).await, empty(to).await);
        lively(Arc::clone(&source.store)).await;
        let file = File::of(source.store.as_ref()).await;
        let done = bring(&file.path, target.store.as_ref()).await.unwrap();
        let log = source.store.read_all(Position(0), 10_000).await.unwrap();
        assert_eq!((done.found, done.added), (0, log.len() as u64), "{from:?} to {to:?}");
        assert_eq!(target.store.read_all(Position(0), 10_000).await.unwrap(), log);
        let (there, here) = (digests(&*source.store).await, digests(&*target.store).await);
        assert_eq!(there.unwrap(), here.unwrap(), "{from:?} to {to:?}");
        let verification = target.store.verify_projections().await.unwrap();
        assert_eq!(verification.differences, []);
        let credentials = source.store.credentials_after(None, 100).await.unwrap();
        assert_eq!(target.store.credentials_after(None, 100).await.unwrap(), credentials);
        assert_eq!(credentials.len(), 4, "one of five is gone");
        let proofs = source.store.proofs_after(None, 100).await.unwrap();
        assert_eq!(target.store.proofs_after(None, 100).await.unwrap(), proofs);
        assert_eq!(proofs.len(), 8, "one of five is gone, and links do not move");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_the_copy_has_the_same_lines() {
    let _turn = turn().await;
    for (from, to) in pairs() {
        let (source, target) = (empty(from).await, empty(to).await);
        lively(Arc::clone(&source.store)).await;
        let first = File::of(source.store.as_ref()).await;
        bring(&first.path, target.store.as_ref()).await.unwrap();
        let second = File::of(target.store.as_ref()).await;
        assert_eq!(first.lines(), second.lines(), "{from:?} to {to:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn digests_tell_stores_apart() {
    let (kind, _) = pairs()[0];
    let store = empty(kind).await;
    let scene = lively(Arc::clone(&store.store)).await;
    let before = digests(&*store.store).await.unwrap();
    assert!(before.users.rows > 3 && before.tweets.rows > 10, "{before:?}");
    let user = store
        .store
        .list_users(siskin_server::storage::Page::newest(1), Audience::All)
        .await
        .unwrap();
    let tweet = scene.post(user[0].id, "one more").await;
    let more = digests(&*store.store).await.unwrap();
    assert_ne!(more.users.sha256, before.users.sha256, "the count of tweets is in it");
    assert_ne!(more.tweets.sha256, before.tweets.sha256);
    scene.delete_tweet(tweet, user[0].id).await;
    assert_eq!(digests(&*store.store).await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_holds_what_is_documented() {
    let store = empty(pairs()[0].0).await;
    let scene = lively(Arc::clone(&store.store)).await;
    let file = File::of(store.store.as_ref()).await;
    let lines: Vec<serde_json::Value> =
        file.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events = scene.log().await.len();
    let header = &lines[0]["header"];
    assert_eq!(header["format"], "siskin-archive");
    assert_eq!((&header["version"], &header["events"]), (&2.into(), &events.into()));
    assert_eq!(header["created_at"], now().to_string());
    assert_eq!(header["software"], env!("CARGO_PKG_VERSION"));
    for (n, line) in lines[1..=events].iter().enumerate() {
        assert_eq!(line["event"]["position"], n + 1);
    }
    let first = r#"{"event":{"position":1,"stream":"user-1001","version":1,"at":1750000002000,"actor":1001,"kind":"UserCreated","schema":1,"data":{"role":"user"},"personal":{"username":"ana","email":"ana@example.org","name":"The ana"}}}"#;
    assert_eq!(file.lines()[1], format!("{first}\n"));
    assert!(lines.iter().any(|line| line["event"]["personal"]["body"] == TEXTS[0]));
    let (credentials, proofs) = lines[events + 1..lines.len() - 1].split_at(4);
    assert_eq!(credentials[0]["credential"]["hash"], "hash of ana");
    let end = &lines[lines.len() - 1]["end"];
    assert_eq!((&end["events"], &end["credentials"]), (&events.into(), &4.into()));
    assert_eq!((proofs.len(), &end["proofs"]), (8, &8.into()));
    for proof in proofs {
        let (proof, at) = (&proof["proof"], 1_750_000_000_002_i64);
        assert_eq!(proof["key"].as_str().unwrap().len(), 64);
        let used = if proof["kind"] == "totp" { at.into() } else { serde_json::Value::Null };
        assert_eq!((&proof["used_at"], &proof["revision"]), (&used, &2.into()));
    }
    for gone in ["ben@example.org", "hash of ben", "\\\"ben\\\"", "verify_mail", "session"] {
        assert!(!file.lines().concat().contains(gone), "{gone}");
    }
}

fn services(store: &Arc<dyn Store>) -> Services {
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    Services::new(Arc::clone(store), Rules::default(), clock, entropy)
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_move_and_sessions_stay() {
    let _turn = turn().await;
    for (from, to) in pairs() {
        let (source, target) = (empty(from).await, empty(to).await);
        let here = services(&source.store);
        let password = || Password::parse("correct horse battery").unwrap();
        let account = NewAccount {
            username: Username::parse("ana").unwrap(),
            email: Email::parse("ana@example.org").unwrap(),
            way_in: WayIn::Password(password()),
            name: None,
            role: Role::User,
        };
        here.accounts.add(account).await.unwrap();
        let log_in = async |services: &Services, password| {
            let new = NewSession::token("phone".to_owned(), Client::default());
            services.accounts.issue_token("ana", password, None, new, None).await
        };
        let old = log_in(&here, password()).await.unwrap();
        let body = TweetBody::parse("hello", 280).unwrap();
        here.tweets.post(&old.caller, body, None).await.unwrap();
        let file = File::of(source.store.as_ref()).await;
        bring(&file.path, target.store.as_ref()).await.unwrap();
        let there = services(&target.store);
        let found = there.store.find_session(&old.caller.token, now()).await.unwrap();
        assert_eq!(found, None, "{from:?} to {to:?}");
        let wrong = Password::parse("correct horse batter").unwrap();
        assert!(log_in(&there, wrong).await.is_err());
        let new = log_in(&there, password()).await.unwrap();
        assert!(there.store.find_session(&new.caller.token, now()).await.unwrap().is_some());
        let tweets =
            there.store.list_tweets(siskin_server::storage::Page::newest(9), Audience::All).await;
        assert_eq!(tweets.unwrap()[0].body, "hello");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_moves() {
    let _turn = turn().await;
    for (from, to) in pairs() {
        let (source, target) = (empty(from).await, empty(to).await);
        lively(Arc::clone(&source.store)).await;
        assert!(source.store.find_session(&token(0), time(1)).await.unwrap().is_some());
        let file = File::of(source.store.as_ref()).await;
        bring(&file.path, target.store.as_ref()).await.unwrap();
        for n in 0..5 {
            assert_eq!(target.store.find_session(&token(n), time(1)).await.unwrap(), None);
        }
    }
}
