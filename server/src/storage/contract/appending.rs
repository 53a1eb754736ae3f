//! The log: order, positions, expectations.

use std::sync::Arc;

use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{Bio, DisplayName, Email, Event, Position, Recorded, Role, StreamId, Username};

use super::scene::{Scene, created, credential, posted, session, time, token};
use crate::storage::{Appended, Audience, Effect, Expected, Page, SessionKind, Store, StoreError};

/// Streams and the whole log give back what was appended, with everything around it.
pub async fn events_are_read_back_as_they_were_appended(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    assert_eq!(scene.store.position(), Position(0));
    let ana = scene.user_id();
    let tweet = scene.tweet_id();
    let first = scene.try_register(ana, "ana").await.unwrap();
    assert_eq!(first, Appended { position: Position(1), version: 1 });
    let second = scene.try_post(tweet, ana, "How you doing?").await.unwrap();
    assert_eq!(second, Appended { position: Position(2), version: 1 });
    let events = vec![UserEvent::PasswordUpdated.into(), UserEvent::PasswordUpdated.into()];
    let third = scene.append(StreamId::User(ana), Expected::At(1), events).await.unwrap();
    assert_eq!(third, Appended { position: Position(4), version: 3 });
    assert_eq!(scene.store.position(), Position(4));

    let recorded = |position, stream, version, second, actor, event| Recorded {
        position: Position(position),
        stream,
        version,
        at: time(second),
        actor,
        event,
    };
    let user = StreamId::User(ana);
    let log = vec![
        recorded(1, user, 1, 3, Some(ana), created("ana")),
        recorded(2, StreamId::Tweet(tweet), 1, 4, None, posted(ana, "How you doing?")),
        recorded(3, user, 2, 5, Some(ana), UserEvent::PasswordUpdated.into()),
        recorded(4, user, 3, 5, Some(ana), UserEvent::PasswordUpdated.into()),
    ];
    assert_eq!(scene.log().await, log);
    assert_eq!(scene.store.load(StreamId::Tweet(tweet)).await.unwrap(), log[1..2]);
    let own = [log[0].clone(), log[2].clone(), log[3].clone()];
    assert_eq!(scene.store.load(user).await.unwrap(), own);
    assert_eq!(scene.store.load(StreamId::Logins(ana)).await.unwrap(), []);
    scene.sound().await;
}

/// Whatever can happen is read back as it was.
pub async fn every_kind_of_event_is_read_back(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let changes = ProfileUpdate {
        username: Some(Username::parse("ana.b").unwrap()),
        email: Some(Email::parse("b@example.org").unwrap()),
        name: Some(DisplayName::parse("\"Ana\" \\ Ñandú 👍").unwrap()),
        bio: Some(Bio::parse("one\ntwo").unwrap()),
    };
    let of_user: Vec<Event> = vec![
        UserEvent::Updated { changes: Some(changes) }.into(),
        UserEvent::Updated { changes: Some(ProfileUpdate::default()) }.into(),
        UserEvent::PasswordUpdated.into(),
        UserEvent::RoleUpdated { role: Role::Moderator }.into(),
    ];
    let user = StreamId::User(ana);
    scene.append(user, Expected::At(1), of_user.clone()).await.unwrap();
    let logins = StreamId::Logins(ana);
    scene.append(logins, Expected::Any, vec![UserEvent::LoggedIn.into()]).await.unwrap();
    let tweet = scene.post(ana, "tab\there, \u{2028}, \"quotes\", שלום, 日本語").await;

    let read = |events: Vec<Recorded>| -> Vec<Event> {
        events.into_iter().map(|recorded| recorded.event).collect()
    };
    let history = read(scene.store.load(user).await.unwrap());
    assert_eq!(history[0], created("ana"));
    assert_eq!(history[1..], of_user);
    assert_eq!(read(scene.store.load(logins).await.unwrap()), [UserEvent::LoggedIn.into()]);
    let said = posted(ana, "tab\there, \u{2028}, \"quotes\", שלום, 日本語");
    assert_eq!(read(scene.store.load(StreamId::Tweet(tweet)).await.unwrap()), [said]);
    scene.sound().await;
}

/// The whole log can be read in parts of any size.
pub async fn the_log_is_read_in_parts(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    for n in 0..9 {
        scene.post(ana, &format!("tweet {n}")).await;
    }
    let log = scene.log().await;
    assert_eq!(log.len(), 10);
    for limit in [1, 3, 10, 11] {
        let mut parts = Vec::new();
        let mut after = Position(0);
        loop {
            let part = scene.store.read_all(after, limit).await.unwrap();
            assert!(part.len() <= limit);
            let Some(last) = part.last() else { break };
            after = last.position;
            parts.extend(part);
        }
        assert_eq!(parts, log, "in parts of {limit}");
    }
    assert_eq!(scene.store.read_all(Position(0), 0).await.unwrap(), []);
    assert_eq!(scene.store.read_all(Position(u64::MAX), 5).await.unwrap(), []);
}

/// `Empty`, `At` and `Any` mean what they say.
pub async fn an_append_needs_its_stream_where_it_expects_it(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let stream = StreamId::User(ana);
    let nobody = StreamId::User(scene.user_id());
    let event = || vec![UserEvent::PasswordUpdated.into()];
    for (stream, expected) in [
        (stream, Expected::Empty),
        (stream, Expected::At(0)),
        (stream, Expected::At(2)),
        (nobody, Expected::At(1)),
    ] {
        let refused = scene.append(stream, expected, event()).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{expected:?} {refused:?}");
        let refused = scene.append(stream, expected, vec![]).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{expected:?} {refused:?}");
    }
    for (expected, version) in [(Expected::At(1), 2), (Expected::Any, 3), (Expected::At(3), 4)] {
        let appended = scene.append(stream, expected, event()).await.unwrap();
        assert_eq!(appended, Appended { position: Position(version), version });
    }
    let logins = StreamId::Logins(ana);
    for version in 1..=3 {
        let event = vec![UserEvent::LoggedIn.into()];
        assert_eq!(scene.append(logins, Expected::Any, event).await.unwrap().version, version);
    }
    scene.sound().await;
}

/// An append of effects alone tells where the log and the stream are.
pub async fn an_append_without_events_adds_none(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    scene.post(ana, "one").await;
    let stream = StreamId::User(ana);
    let effects = vec![credential(ana, "hash")];
    let appended = scene.append_with(stream, Expected::At(1), vec![], effects).await.unwrap();
    assert_eq!(appended, Appended { position: Position(2), version: 1 });
    let nobody = StreamId::User(scene.user_id());
    let appended = scene.append(nobody, Expected::Empty, vec![]).await.unwrap();
    assert_eq!(appended, Appended { position: Position(2), version: 0 });
    assert_eq!(scene.log().await.len(), 2);
    assert!(scene.store.credential_of(ana).await.unwrap().is_some());
}

/// A refused append changes nothing at all: no event, no projection, no effect.
pub async fn a_conflict_leaves_nothing(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let before = (scene.log().await, scene.store.find_user(ana, Audience::All).await.unwrap());
    let (generation, position) = (scene.store.generation(), scene.store.position());
    let bio = ProfileUpdate { bio: Some(Bio::parse("new").unwrap()), ..Default::default() };
    let events = vec![
        UserEvent::Updated { changes: Some(bio) }.into(),
        UserEvent::RoleUpdated { role: Role::Admin }.into(),
    ];
    let start = Effect::StartSession(session(ana, 1, SessionKind::Cookie, 100));
    let effects = vec![credential(ana, "hash"), start];
    let stream = StreamId::User(ana);
    // First because of the stream, then because of the last effect: its token is in use.
    let refused = scene.append_with(stream, Expected::At(7), events.clone(), effects.clone()).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let twice = [effects.clone(), effects].concat();
    let refused = scene.append_with(stream, Expected::At(1), events, twice).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");

    assert_eq!(
        (scene.log().await, scene.store.find_user(ana, Audience::All).await.unwrap()),
        before
    );
    assert_eq!(scene.store.credential_of(ana).await.unwrap(), None);
    assert_eq!(scene.store.find_session(&token(1), time(1)).await.unwrap(), None);
    assert_eq!((scene.store.generation(), scene.store.position()), (generation, position));
    scene.sound().await;
}

/// A tweet's author must be there.
pub async fn a_tweet_needs_an_author(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let refused = scene.try_post(scene.tweet_id(), scene.user_id(), "ghost").await;
    assert!(matches!(refused, Err(StoreError::AuthorGone)), "{refused:?}");
    scene.delete_user(ana).await;
    let tweet = scene.tweet_id();
    let refused = scene.try_post(tweet, ana, "ghost").await;
    assert!(matches!(refused, Err(StoreError::AuthorGone)), "{refused:?}");
    assert_eq!(scene.log().await.len(), 2);
    assert_eq!(scene.store.load(StreamId::Tweet(tweet)).await.unwrap(), []);
    assert_eq!(scene.store.list_tweets(Page::newest(10), Audience::All).await.unwrap(), []);
    scene.sound().await;
}

/// A tweet's id is used once, even when the first tweet is gone.
pub async fn a_tweet_is_posted_once(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let tweet = scene.post(ana, "one").await;
    for _ in 0..2 {
        let refused = scene.try_post(tweet, ana, "again").await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
        if scene.store.find_tweet(tweet, Audience::All).await.unwrap().is_some() {
            scene.delete_tweet(tweet, ana).await;
        }
    }
    assert_eq!(scene.store.find_tweet(tweet, Audience::All).await.unwrap(), None);
    assert_eq!(scene.log().await.len(), 3);
    scene.sound().await;
}

/// Whatever changes an answer of a query changes the generation.
pub async fn the_generation_tells_of_changes(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let mut last = scene.store.generation();
    let mut changed = |what: &str| {
        let now = scene.store.generation();
        assert_ne!(now, last, "after {what}");
        last = now;
    };
    let ana = scene.register("ana").await;
    changed("a registration");
    let tweet = scene.post(ana, "one").await;
    changed("a tweet");
    scene.delete_tweet(tweet, ana).await;
    changed("a deletion");
    let password = vec![UserEvent::PasswordUpdated.into()];
    scene.append(StreamId::User(ana), Expected::Any, password).await.unwrap();
    changed("another version");
    scene.delete_user(ana).await;
    changed("a farewell");
}
