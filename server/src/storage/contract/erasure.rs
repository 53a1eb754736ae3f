//! What is deleted is forgotten, in the log as well; the facts stay.

use std::sync::Arc;

use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{Bio, Event, Position, Role, StreamId, UserId, Username};

use super::scene::{Scene, credential, posted, token};
use crate::storage::{
    Answer, AnswerKey, Appended, Audience, Effect, Expected, Page, SessionKind, Store, StoreError,
};

/// A deleted tweet's words are gone; that it was there is not.
pub async fn a_deleted_tweet_is_forgotten(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let (kept, gone) = (scene.post(ana, "kept").await, scene.post(ana, "gone").await);
    let appended = scene.delete_tweet(gone, ana).await;
    assert_eq!(appended, Appended { position: Position(4), version: 2 });
    assert_eq!(scene.store.find_tweet(gone, Audience::All).await.unwrap(), None);
    let tweets = scene.store.list_tweets(Page::newest(9), Audience::All).await.unwrap();
    assert_eq!(tweets.iter().map(|tweet| tweet.id).collect::<Vec<_>>(), [kept]);
    let history = scene.store.load(StreamId::Tweet(gone)).await.unwrap();
    let events: Vec<Event> = history.into_iter().map(|recorded| recorded.event).collect();
    let forgotten = TweetEvent::Posted { author: ana, body: None };
    assert_eq!(events, [forgotten.into(), TweetEvent::Deleted { author: ana }.into()]);
    let history = scene.store.load(StreamId::Tweet(kept)).await.unwrap();
    assert_eq!(history[0].event, posted(ana, "kept"));
    let events = vec![TweetEvent::Deleted { author: ana }.into()];
    let again = scene.append(StreamId::Tweet(gone), Expected::At(1), events).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    scene.sound().await;
}

/// A refused deletion forgets nothing.
pub async fn a_refused_deletion_forgets_nothing(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let tweet = scene.post(ana, "still here").await;
    let events = vec![TweetEvent::Deleted { author: ana }.into()];
    scene.append(StreamId::Tweet(tweet), Expected::At(2), events).await.unwrap_err();
    let events = vec![UserEvent::Deleted.into()];
    scene.append(StreamId::User(ana), Expected::At(2), events).await.unwrap_err();
    let failing = credential(scene.user_id(), "hash");
    let events = vec![UserEvent::Deleted.into()];
    let stream = StreamId::User(ana);
    scene.append_with(stream, Expected::At(1), events, vec![failing]).await.unwrap_err();
    let history = scene.store.load(StreamId::Tweet(tweet)).await.unwrap();
    assert_eq!(history[0].event, posted(ana, "still here"));
    assert_eq!(scene.log().await.len(), 2);
    assert!(scene.store.find_user(ana, Audience::All).await.unwrap().is_some());
    scene.sound().await;
}

async fn busy_user(scene: &Scene, name: &str, n: u8) -> UserId {
    let user = scene.register(name).await;
    let bio = Bio::parse(&format!("bio of {name}")).unwrap();
    scene.update(user, ProfileUpdate { bio: Some(bio), ..Default::default() }).await.unwrap();
    let login = vec![UserEvent::LoggedIn.into()];
    scene.append(StreamId::Logins(user), Expected::Any, login).await.unwrap();
    scene.effects(user, vec![credential(user, "hash")]).await.unwrap();
    scene.start(user, n, SessionKind::Cookie, 1000).await;
    scene.start(user, n + 1, SessionKind::Bearer, 1000).await;
    let answer = Answer {
        key: AnswerKey([n; 32]),
        user: Some(user),
        fingerprint: [0; 32],
        sealed: name.as_bytes().to_vec(),
        expires_at: super::scene::time(1000),
    };
    scene.effects(user, vec![Effect::RememberAnswer(answer)]).await.unwrap();
    user
}

/// Everything that is kept of a user, as one line of yes and no.
async fn kept(scene: &Scene, user: UserId, name: &str, n: u8) -> [bool; 7] {
    let store = &scene.store;
    let now = super::scene::time(1);
    let username = Username::parse(name).unwrap();
    [
        store.find_user(user, Audience::All).await.unwrap().is_some(),
        store.find_user_by_name(&username, Audience::All).await.unwrap().is_some(),
        store.credential_of(user).await.unwrap().is_some(),
        store.find_credential(name).await.unwrap().is_some(),
        store.find_session(&token(n), now).await.unwrap().is_some(),
        store.find_session(&token(n + 1), now).await.unwrap().is_some(),
        store.find_answer(&AnswerKey([n; 32]), now).await.unwrap().is_some(),
    ]
}

/// A deleted user takes everything personal along, and nobody else's.
pub async fn a_deleted_user_is_forgotten(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = busy_user(&scene, "ana", 1).await;
    let ben = busy_user(&scene, "ben", 3).await;
    let first = scene.post(ana, "first words").await;
    let second = scene.post(ana, "second words").await;
    let bens = scene.post(ben, "ben's words").await;
    scene.delete_tweet(first, ana).await;
    let before = scene.log().await;
    let user_events = scene.store.load(StreamId::User(ana)).await.unwrap().len() as u64;
    let appended = scene.delete_user(ana).await;

    assert_eq!(kept(&scene, ana, "ana", 1).await, [false; 7]);
    assert_eq!(kept(&scene, ben, "ben", 3).await, [true; 7]);
    let tweets = scene.store.list_tweets(Page::newest(9), Audience::All).await.unwrap();
    assert_eq!(tweets.iter().map(|tweet| tweet.id).collect::<Vec<_>>(), [bens]);

    // One tweet was left: two events more. The user's own is what the answer tells of.
    let log = scene.log().await;
    assert_eq!(log.len(), before.len() + 2);
    let last = &log[log.len() - 1];
    assert_eq!((last.stream, &last.event), (StreamId::User(ana), &UserEvent::Deleted.into()));
    assert_eq!(appended, Appended { position: last.position, version: user_events + 1 });
    let tweet = &log[log.len() - 2];
    assert_eq!((tweet.stream, tweet.version), (StreamId::Tweet(second), 2));
    assert_eq!(tweet.event, TweetEvent::Deleted { author: ana }.into());
    assert_eq!((tweet.at, tweet.actor), (last.at, last.actor));

    for recorded in &log {
        let forgotten: Event = match recorded.stream {
            StreamId::User(id) if id == ana => match recorded.version {
                1 => UserEvent::Created { role: Role::User, profile: None }.into(),
                2 => UserEvent::Updated { changes: None }.into(),
                _ => UserEvent::Deleted.into(),
            },
            StreamId::Tweet(id) if id == first || id == second => match recorded.version {
                1 => TweetEvent::Posted { author: ana, body: None }.into(),
                _ => TweetEvent::Deleted { author: ana }.into(),
            },
            // Everybody else's events, and log-ins, are what they were.
            _ => before[recorded.position.0 as usize - 1].event.clone(),
        };
        assert_eq!(recorded.event, forgotten, "at {}", recorded.position);
    }
    scene.sound().await;
}
