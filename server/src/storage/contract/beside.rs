//! What is kept beside the log: credentials, sessions, answers.

use std::sync::Arc;

use siskin_domain::moderation::Standing;
use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{DisplayName, Email, Role, StreamId, UserId, Username};

use super::scene::{Scene, credential, session, time, token};
use crate::storage::{
    Answer, AnswerKey, Credential, Effect, Expected, Scopes, SessionKind, SessionOwner, Store,
    StoreError, StoredHash,
};

/// A credential is found by name and by address as they are now.
pub async fn a_credential_is_found_by_name_and_address(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let ben = scene.register("ben").await;
    let store = Arc::clone(&scene.store);
    assert_eq!(store.find_credential("ana").await.unwrap(), None);
    scene.effects(ana, vec![credential(ana, "first")]).await.unwrap();
    scene.effects(ben, vec![credential(ben, "ben's")]).await.unwrap();
    scene.effects(ana, vec![credential(ana, "second")]).await.unwrap();
    let found = Some(Credential { user: ana, hash: StoredHash("second".to_owned()) });
    for login in ["ana", "ANA", "ana@example.org", "Ana@Example.org"] {
        assert_eq!(store.find_credential(login).await.unwrap(), found, "{login}");
    }
    assert_eq!(store.credential_of(ana).await.unwrap(), found);
    let changes = ProfileUpdate {
        username: Some(Username::parse("anna").unwrap()),
        email: Some(Email::parse("anna@example.org").unwrap()),
        ..Default::default()
    };
    scene.update(ana, changes).await.unwrap();
    for login in ["ana", "ana@example.org", "", "@", "nobody", "' OR 1=1 --"] {
        assert_eq!(store.find_credential(login).await.unwrap(), None, "{login}");
    }
    assert_eq!(store.find_credential("anna").await.unwrap(), found);
    assert_eq!(store.find_credential("anna@example.org").await.unwrap(), found);
}

/// Credentials and sessions need their user; without, the append is refused whole.
pub async fn nothing_is_kept_for_nobody(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let nobody = scene.user_id();
    let start = Effect::StartSession(session(nobody, 1, SessionKind::Bearer, 100));
    for effect in [credential(nobody, "hash"), start] {
        let login = vec![UserEvent::LoggedIn.into()];
        let stream = StreamId::Logins(nobody);
        let refused = scene.append_with(stream, Expected::Any, login, vec![effect]).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    assert_eq!(scene.log().await, []);
    assert_eq!(scene.store.credential_of(nobody).await.unwrap(), None);
    assert_eq!(scene.store.find_session(&token(1), time(1)).await.unwrap(), None);
}

/// A session is found until it expires, with its owner as they are now.
pub async fn a_session_shows_its_owner_as_they_are(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    scene.start(ana, 1, SessionKind::Cookie, 100).await;
    scene.start(ana, 2, SessionKind::Bearer, 200).await;
    let store = Arc::clone(&scene.store);
    let mut owner = SessionOwner {
        user: ana,
        username: "ana".to_owned(),
        name: "The ana".to_owned(),
        role: Role::User,
        standing: Standing::default(),
        kind: SessionKind::Cookie,
        scopes: Scopes::ALL,
        last_seen_at: time(0),
        expires_at: time(100),
    };
    assert_eq!(store.find_session(&token(1), time(99)).await.unwrap().as_ref(), Some(&owner));
    assert_eq!(store.find_session(&token(1), time(100)).await.unwrap(), None);
    assert_eq!(store.find_session(&token(3), time(1)).await.unwrap(), None);
    let bearer = store.find_session(&token(2), time(100)).await.unwrap().unwrap();
    assert_eq!((bearer.kind, bearer.expires_at), (SessionKind::Bearer, time(200)));

    let changes = ProfileUpdate {
        username: Some(Username::parse("anna").unwrap()),
        name: Some(DisplayName::parse("Anna").unwrap()),
        ..Default::default()
    };
    scene.update(ana, changes).await.unwrap();
    let role = vec![UserEvent::RoleUpdated { role: Role::Moderator }.into()];
    scene.append(StreamId::User(ana), Expected::Any, role).await.unwrap();
    store.touch_session(&token(1), time(50)).await.unwrap();
    store.touch_session(&token(3), time(50)).await.unwrap();
    owner.username = "anna".to_owned();
    owner.name = "Anna".to_owned();
    owner.role = Role::Moderator;
    owner.last_seen_at = time(50);
    assert_eq!(store.find_session(&token(1), time(60)).await.unwrap(), Some(owner));
    assert_eq!(store.find_session(&token(1), time(100)).await.unwrap(), None);
}

async fn there(scene: &Scene, tokens: &[u8]) {
    for n in 1..=9 {
        let found = scene.store.find_session(&token(n), time(1)).await.unwrap();
        assert_eq!(found.is_some(), tokens.contains(&n), "session {n} of {tokens:?}");
    }
}

/// Sessions end one by one, all at once, or all but one.
pub async fn sessions_end(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let ben = scene.register("ben").await;
    for n in 1..=5 {
        scene.start(ana, n, SessionKind::Cookie, 100).await;
    }
    scene.start(ben, 6, SessionKind::Bearer, 100).await;
    there(&scene, &[1, 2, 3, 4, 5, 6]).await;
    assert!(scene.store.end_session(&token(1)).await.unwrap());
    assert!(!scene.store.end_session(&token(1)).await.unwrap());
    there(&scene, &[2, 3, 4, 5, 6]).await;
    scene.effects(ana, vec![Effect::EndSession(token(2))]).await.unwrap();
    there(&scene, &[3, 4, 5, 6]).await;
    let except = Effect::EndSessions { user: ana, except: Some(token(4)) };
    scene.effects(ana, vec![except]).await.unwrap();
    there(&scene, &[4, 6]).await;
    // A log-in that replaces a session: the order of effects counts.
    let start = Effect::StartSession(session(ana, 7, SessionKind::Cookie, 100));
    scene.effects(ana, vec![Effect::EndSession(token(4)), start]).await.unwrap();
    there(&scene, &[6, 7]).await;
    let all = Effect::EndSessions { user: ana, except: None };
    scene.effects(ana, vec![all]).await.unwrap();
    there(&scene, &[6]).await;
}

fn answer(key: u8, user: Option<UserId>, sealed: &[u8], expires: u64) -> Answer {
    Answer {
        key: AnswerKey([key; 32]),
        user,
        fingerprint: [key; 32],
        sealed: sealed.to_vec(),
        expires_at: time(expires),
    }
}

/// The first answer under a key is the one that is kept, until it expires.
pub async fn the_first_answer_is_kept(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let store = Arc::clone(&scene.store);
    let first = answer(1, Some(ana), b"\x00first\xff", 1000);
    store.remember_answer(first.clone()).await.unwrap();
    store.remember_answer(answer(1, None, b"second", 2000)).await.unwrap();
    store.remember_answer(answer(2, None, b"other", 1000)).await.unwrap();
    let key = AnswerKey([1; 32]);
    assert_eq!(store.find_answer(&key, time(999)).await.unwrap(), Some(first));
    assert_eq!(store.find_answer(&key, time(1000)).await.unwrap(), None);
    assert_eq!(store.find_answer(&AnswerKey([3; 32]), time(1)).await.unwrap(), None);
    let other = store.find_answer(&AnswerKey([2; 32]), time(1)).await.unwrap().unwrap();
    assert_eq!(other.user, None);
}

/// Work that comes with an answer is done once: a second append under its key is a conflict and
/// leaves nothing, until the answer has expired.
pub async fn work_with_an_answer_is_done_once(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let scene = scene.clone();
        tasks.spawn(async move {
            let id = scene.tweet_id();
            let event = vec![super::scene::posted(ana, "once")];
            let effect = Effect::RememberAnswer(answer(1, Some(ana), &[n], 500));
            scene.append_with(StreamId::Tweet(id), Expected::Empty, event, vec![effect]).await
        });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(
        answers.iter().flat_map(|a| a.as_ref().err()).all(|e| matches!(e, StoreError::Conflict))
    );
    assert_eq!(scene.log().await.len(), 2);
    let kept = scene.store.find_answer(&AnswerKey([1; 32]), time(1)).await.unwrap();
    assert!(kept.is_some());
    while scene.number() < 500 {}
    let effect = Effect::RememberAnswer(answer(1, Some(ana), b"later", 900));
    scene.effects(ana, vec![effect]).await.unwrap();
    let kept = scene.store.find_answer(&AnswerKey([1; 32]), time(600)).await.unwrap();
    assert_eq!(kept.unwrap().sealed, b"later");
    scene.sound().await;
}

/// A sweep forgets what has expired, and nothing else.
pub async fn a_sweep_forgets_what_expired(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    for (n, expires) in [(1, 10), (2, 20), (3, 21)] {
        scene.start(ana, n, SessionKind::Cookie, expires).await;
        scene.store.remember_answer(answer(n, None, b"x", expires)).await.unwrap();
    }
    assert_eq!(scene.store.sweep(time(20)).await.unwrap(), 4);
    assert_eq!(scene.store.sweep(time(20)).await.unwrap(), 0);
    there(&scene, &[3]).await;
    for n in 1..=3 {
        let kept = scene.store.find_answer(&AnswerKey([n; 32]), time(1)).await.unwrap();
        assert_eq!(kept.is_some(), n == 3);
    }
}

/// What was shown must still be true when something is done because of it: else nothing of it is.
pub async fn what_was_shown_must_still_hold(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    scene.effects(ana, vec![credential(ana, "first")]).await.unwrap();
    scene.start(ana, 1, SessionKind::Bearer, 100).await;
    let begin = |n| Effect::StartSession(session(ana, n, SessionKind::Cookie, 100));
    let shows = |user, hash: &str| Effect::CredentialIs { user, hash: StoredHash(hash.to_owned()) };
    let held = || Effect::SessionIs(token(1));
    scene.effects(ana, vec![shows(ana, "first"), held(), begin(2)]).await.unwrap();
    for void in [shows(ana, "other"), shows(ben, "first"), Effect::SessionIs(token(9))] {
        let login = vec![UserEvent::LoggedIn.into()];
        let effects = vec![void, begin(3)];
        let refused = scene.append_with(StreamId::Logins(ana), Expected::Any, login, effects);
        assert!(matches!(refused.await, Err(StoreError::Conflict)));
    }
    assert_eq!(scene.store.find_session(&token(3), time(1)).await.unwrap(), None);
    // A new password, and the end of all sessions, come first.
    let ends = Effect::EndSessions { user: ana, except: None };
    scene.effects(ana, vec![credential(ana, "second"), ends]).await.unwrap();
    for void in [shows(ana, "first"), held()] {
        let refused = scene.effects(ana, vec![void, begin(4)]).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    assert_eq!(scene.store.find_session(&token(4), time(1)).await.unwrap(), None);
    scene.effects(ana, vec![shows(ana, "second"), begin(4)]).await.unwrap();
}
