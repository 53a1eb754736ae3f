//! A whole store moves: events as they were recorded, and credentials.

use std::sync::Arc;

use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{
    Bio, Email, Event, Position, Recorded, Role, StreamId, TweetBody, TweetId, UserId, Username,
};

use super::scene::{Scene, created, credential, posted, time};
use crate::storage::{Audience, Credential, Expected, Page, Store, StoreError, StoredHash};

fn user(n: u64) -> UserId {
    UserId::new(n).unwrap()
}

fn tweet(n: u64) -> TweetId {
    TweetId::new(n).unwrap()
}

/// Events of some streams as a log: positions and versions count up, times run backwards now and
/// then, as clocks do, and somebody else or nobody is the actor.
fn recorded(events: Vec<(StreamId, Event)>) -> Vec<Recorded> {
    let mut versions = std::collections::HashMap::new();
    (1..)
        .zip(events)
        .map(|(n, (stream, event))| {
            let version = versions.entry(stream).or_insert(0);
            *version += 1;
            Recorded {
                position: Position(n),
                stream,
                version: *version,
                at: time(n ^ 3),
                actor: (n % 3 > 0).then(|| user(n)),
                event,
            }
        })
        .collect()
}

/// Ana changes everything, Ben goes with all that was his, Cem takes Ana's old name.
fn history() -> Vec<Recorded> {
    let [ana, ben, cem] = [7, 8, 9].map(user);
    let text = "👩‍👩‍👧‍👦 \"quoted\" \\ \u{2028} שלום مرحبا";
    let changes = ProfileUpdate {
        username: Some(Username::parse("anna").unwrap()),
        bio: Some(Bio::parse("Hi\nthere").unwrap()),
        ..Default::default()
    };
    recorded(vec![
        (StreamId::User(ana), created("ana")),
        (StreamId::User(ben), UserEvent::Created { role: Role::User, profile: None }.into()),
        (StreamId::Logins(ana), UserEvent::LoggedIn.into()),
        (StreamId::Tweet(tweet(20)), posted(ana, text)),
        (StreamId::Tweet(tweet(21)), TweetEvent::Posted { author: ana, body: None }.into()),
        (StreamId::User(ana), UserEvent::Updated { changes: Some(changes) }.into()),
        (StreamId::User(ben), UserEvent::Updated { changes: None }.into()),
        (StreamId::Tweet(tweet(22)), TweetEvent::Posted { author: ben, body: None }.into()),
        (StreamId::Tweet(tweet(21)), TweetEvent::Deleted { author: ana }.into()),
        (StreamId::User(cem), created("ana2")),
        (StreamId::User(ana), UserEvent::RoleUpdated { role: Role::Admin }.into()),
        (StreamId::User(ana), UserEvent::PasswordUpdated.into()),
        (StreamId::Tweet(tweet(22)), TweetEvent::Deleted { author: ben }.into()),
        (StreamId::User(ben), UserEvent::Deleted.into()),
        (StreamId::Tweet(tweet(19)), posted(ana, "an earlier id, posted later")),
    ])
}

/// Events come back with their positions, versions, times and actors, in the log and by stream.
pub async fn restored_events_are_read_back_as_they_were(store: Arc<dyn Store>) {
    let history = history();
    store.restore_events(vec![]).await.unwrap();
    assert_eq!(store.position(), Position(0));
    store.restore_events(history[..6].to_vec()).await.unwrap();
    assert_eq!(store.position(), Position(6));
    store.restore_events(history[6..].to_vec()).await.unwrap();
    assert_eq!(store.read_all(Position(0), 100).await.unwrap(), history);
    let ana = StreamId::User(user(7));
    let anas: Vec<_> = history.iter().filter(|event| event.stream == ana).cloned().collect();
    assert_eq!(store.load(ana).await.unwrap(), anas);
    assert_eq!(store.position(), Position(history.len() as u64));
}

/// Queries show what the events say, as if they had been appended here.
pub async fn a_restored_projection_is_what_the_log_says(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let store = Arc::clone(&scene.store);
    let generation = store.generation();
    store.restore_events(history()).await.unwrap();
    assert_ne!(store.generation(), generation, "caches must look again");
    let users = store.list_users(Page::newest(9), Audience::All).await.unwrap();
    let shown: Vec<_> = users
        .iter()
        .map(|user| (user.username.as_str(), user.tweets_count, user.version))
        .collect();
    assert_eq!(shown, [("ana2", 0, 1), ("anna", 2, 4)]);
    assert_eq!((users[1].role, users[1].bio.as_str()), (Some(Role::Admin), "Hi\nthere"));
    let tweets = store.list_tweets(Page::newest(9), Audience::All).await.unwrap();
    let shown: Vec<_> =
        tweets.iter().map(|tweet| (tweet.id.get(), tweet.tweetedby.as_str())).collect();
    assert_eq!(shown, [(20, "anna"), (19, "anna")]);
    scene.sound().await;
    let (live, rebuilt) = (tweets, scene.store.rebuild_projections().await.unwrap());
    assert_eq!(rebuilt, history().len() as u64);
    assert_eq!(scene.store.list_tweets(Page::newest(9), Audience::All).await.unwrap(), live);
}

/// Events before, beyond or across the log's end, or with a gap, are a conflict, and leave nothing.
pub async fn events_that_do_not_follow_are_refused_whole(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let history = history();
    let gap: Vec<_> = [&history[..2], &history[3..]].concat();
    let turned: Vec<_> = history[..3].iter().rev().cloned().collect();
    for wrong in [history[1..].to_vec(), gap, turned] {
        let refused = scene.store.restore_events(wrong).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
        assert_eq!((scene.log().await, scene.store.position()), (vec![], Position(0)));
        assert_eq!(scene.store.list_users(Page::newest(9), Audience::All).await.unwrap(), []);
    }
    scene.store.restore_events(history[..5].to_vec()).await.unwrap();
    for wrong in [&history[..5], &history[4..], &history[6..]] {
        let refused = scene.store.restore_events(wrong.to_vec()).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
        assert_eq!(scene.log().await, history[..5]);
    }
    scene.store.restore_events(history[5..].to_vec()).await.unwrap();
    assert_eq!(scene.log().await, history);
    scene.sound().await;
}

/// What was forgotten stays forgotten, and what comes before a deletion may be forgotten already.
pub async fn forgotten_events_are_restored_as_forgotten(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    scene.store.restore_events(history()).await.unwrap();
    let forgotten = TweetEvent::Posted { author: user(8), body: None };
    let history = scene.store.load(StreamId::Tweet(tweet(22))).await.unwrap();
    assert_eq!(history[0].event, forgotten.into());
    assert_eq!(scene.store.find_tweet(tweet(22), Audience::All).await.unwrap(), None);
    assert_eq!(scene.store.find_user(user(8), Audience::All).await.unwrap(), None);
    // The name was given up, so it is free; the address was not.
    let ana = scene.try_register(user(30), "ana").await;
    assert!(matches!(ana, Err(StoreError::Taken(_))), "{ana:?}");
    scene.register("ben").await;
    scene.sound().await;
}

/// Names change hands within what is restored at once, whoever of them has the smaller id; and somebody
/// may be forgotten in what comes later who was not yet in what came before.
pub async fn names_that_change_hands_are_restored(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let [ana, ben, cem, dan] = [9, 8, 7, 6].map(user);
    let named = |name: &str| {
        let username = Some(Username::parse(name).unwrap());
        let email = Some(Email::parse(&format!("{name}@example.org")).unwrap());
        let changes = ProfileUpdate { username, email, ..Default::default() };
        UserEvent::Updated { changes: Some(changes) }.into()
    };
    let history = recorded(vec![
        (StreamId::User(ana), created("ana")),
        (StreamId::User(ben), created("ben")),
        (StreamId::User(cem), created("cem")),
        (StreamId::Tweet(tweet(20)), posted(cem, "soon forgotten")),
        (StreamId::User(ana), named("anna")),
        (StreamId::User(ben), named("ana")),
        (StreamId::User(cem), UserEvent::Updated { changes: None }.into()),
        (StreamId::User(dan), created("cem")),
        (StreamId::Tweet(tweet(20)), TweetEvent::Deleted { author: cem }.into()),
        (StreamId::User(cem), UserEvent::Deleted.into()),
    ]);
    scene.store.restore_events(history[..4].to_vec()).await.unwrap();
    scene.store.restore_events(history[4..8].to_vec()).await.unwrap();
    scene.store.restore_events(history[8..].to_vec()).await.unwrap();
    let users = scene.store.list_users(Page::newest(9), Audience::All).await.unwrap();
    let names: Vec<_> = users.iter().map(|user| user.username.as_str()).collect();
    assert_eq!(names, ["anna", "ana", "cem"]);
    scene.sound().await;
}

/// Credentials come in order of ids, as many at once as are wanted.
pub async fn credentials_come_in_order_and_in_parts(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    assert_eq!(scene.store.credentials_after(None, 9).await.unwrap(), []);
    let mut users = Vec::new();
    for name in ["ana", "ben", "cem", "dan", "eve"] {
        users.push(scene.register(name).await);
    }
    for user in users.iter().rev().filter(|user| **user != users[3]) {
        scene.effects(*user, vec![credential(*user, &format!("hash of {user}"))]).await.unwrap();
    }
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let part = scene.store.credentials_after(after, 2).await.unwrap();
        assert!(part.len() <= 2);
        let Some(last) = part.last() else { break };
        after = Some(last.user);
        found.extend(part);
    }
    users.remove(3);
    let expected: Vec<_> = users.into_iter().map(|user| kept(user, "hash of")).collect();
    assert_eq!(found, expected);
    scene.delete_user(found[0].user).await;
    assert_eq!(scene.store.credentials_after(None, 9).await.unwrap(), found[1..]);
}

fn kept(user: UserId, hash: &str) -> Credential {
    Credential { user, hash: StoredHash(format!("{hash} {user}")) }
}

/// Credentials are set for those who are there, again and again if need be; others are passed over.
pub async fn credentials_are_restored_for_those_who_are_there(store: Arc<dyn Store>) {
    store.restore_events(history()).await.unwrap();
    let [ana, ben, cem] = [7, 8, 9].map(user);
    for hash in ["first", "second"] {
        let all = [ana, ben, cem, user(99)].map(|user| kept(user, hash));
        store.restore_credentials(all.to_vec()).await.unwrap();
        let there = [ana, cem].map(|user| kept(user, hash));
        assert_eq!(store.credentials_after(None, 9).await.unwrap(), there);
    }
    assert_eq!(store.find_credential("anna").await.unwrap(), Some(kept(ana, "second")));
}

/// What is restored is told to live readers, as any commit is.
pub async fn live_readers_see_what_is_restored(store: Arc<dyn Store>) {
    let mut live = store.subscribe();
    let history = history();
    store.restore_events(history[..4].to_vec()).await.unwrap();
    store.restore_events(history[4..].to_vec()).await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < history.len() {
        seen.extend(live.recv().await.unwrap().iter().cloned());
    }
    assert_eq!(seen, history);
}

/// After a restoration the store takes appends at the versions and the position where it ended.
pub async fn a_restored_store_goes_on(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let history = history();
    let end = history.len() as u64;
    scene.store.restore_events(history).await.unwrap();
    let (ana, body) = (user(7), TweetBody::recorded("on we go".to_owned()));
    let event = TweetEvent::Posted { author: ana, body: Some(body) };
    let stream = StreamId::Tweet(tweet(40));
    let appended = scene.append(stream, Expected::Empty, vec![event.into()]).await.unwrap();
    assert_eq!((appended.position, appended.version), (Position(end + 1), 1));
    let stale = vec![UserEvent::PasswordUpdated.into()];
    let refused = scene.append(StreamId::User(ana), Expected::At(3), stale.clone()).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let appended = scene.append(StreamId::User(ana), Expected::At(4), stale).await.unwrap();
    assert_eq!((appended.position, appended.version), (Position(end + 2), 5));
    scene.delete_user(ana).await;
    assert_eq!(scene.store.list_tweets(Page::newest(9), Audience::All).await.unwrap(), []);
    scene.sound().await;
}

/// A thousand events are restored at once, and a thousand rows are read at once.
pub async fn a_thousand_at_once_are_no_trouble(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = user(7);
    let mut events = vec![(StreamId::User(ana), created("ana"))];
    let text = "A tweet of ordinary length, with a #tag and a @mention or two.";
    events.extend((2..=1000).map(|n| (StreamId::Tweet(tweet(n)), posted(ana, text))));
    scene.store.restore_events(recorded(events)).await.unwrap();
    let page = Page { limit: 1000, before: None, after: Some(0) };
    let tweets = scene.store.list_tweets(page, Audience::All).await.unwrap();
    let ids: Vec<_> = tweets.iter().map(|tweet| tweet.id.get()).collect();
    assert_eq!(ids, (2..=1000).rev().collect::<Vec<_>>());
    assert_eq!(scene.store.find_user(ana, Audience::All).await.unwrap().unwrap().tweets_count, 999);
    scene.sound().await;
}
