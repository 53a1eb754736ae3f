//! Sessions as their owner sees them.

use std::sync::Arc;

use super::scene::{Scene, session, time, token};
use crate::storage::{
    Client, Effect, MOST_SESSIONS, OwnSession, Scope, Scopes, Session, SessionId, SessionKind,
    Store, TokenHash,
};

fn words(device: &str, place: &str) -> Client {
    Client { device: device.to_owned(), place: place.to_owned() }
}

/// A session tells its owner what it is; a token is for what it was made for.
pub async fn a_session_tells_of_itself(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let store = Arc::clone(&scene.store);
    assert_eq!(store.sessions_of(ana, time(1), MOST_SESSIONS).await.unwrap(), []);
    for bits in 0..8_u8 {
        let held = Scope::ALL.into_iter().filter(|scope| bits >> *scope as u8 & 1 == 1);
        let begun = Session {
            client: words("Firefox on Linux", "the network 2001:db8:7::/48"),
            scopes: held.collect(),
            ..session(ana, bits, SessionKind::Bearer, 100)
        };
        scene.effects(ana, vec![Effect::StartSession(begun.clone())]).await.unwrap();
        let found = store.find_session(&token(bits), time(1)).await.unwrap().unwrap();
        assert_eq!(found.scopes, begun.scopes);
        let listed = store.sessions_of(ana, time(1), MOST_SESSIONS).await.unwrap();
        let listed = listed.into_iter().find(|one| one.id == SessionId::of(&token(bits)));
        let told = OwnSession {
            id: SessionId::of(&token(bits)),
            kind: SessionKind::Bearer,
            name: begun.name,
            client: begun.client,
            scopes: begun.scopes,
            created_at: time(0),
            last_seen_at: time(0),
            expires_at: time(100),
        };
        assert_eq!(listed, Some(told));
    }
    scene.start(ana, 9, SessionKind::Cookie, 100).await;
    let found = store.find_session(&token(9), time(1)).await.unwrap().unwrap();
    assert_eq!(found.scopes, Scopes::ALL);
}

/// What was used last comes first; what has expired or is somebody else's does not come.
pub async fn sessions_come_by_their_last_use(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let ben = scene.register("ben").await;
    for n in 1..=4 {
        scene.start(ana, n, SessionKind::Cookie, 100 + u64::from(n)).await;
    }
    scene.start(ben, 5, SessionKind::Cookie, 200).await;
    for (n, at) in [(2, 10), (4, 20), (1, 30), (3, 40)] {
        scene.store.touch_session(&token(n), time(at)).await.unwrap();
    }
    let of = async |user, now| {
        let listed = scene.store.sessions_of(user, time(now), MOST_SESSIONS).await.unwrap();
        listed.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    let ids = |tokens: &[u8]| tokens.iter().map(|n| SessionId::of(&token(*n))).collect::<Vec<_>>();
    assert_eq!(of(ana, 50).await, ids(&[3, 1, 4, 2]));
    assert_eq!(of(ana, 102).await, ids(&[3, 4]));
    assert_eq!(of(ben, 50).await, ids(&[5]));
    assert_eq!(of(scene.user_id(), 50).await, []);
}

/// A list of sessions has an end.
pub async fn the_list_of_sessions_has_an_end(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let start = |n: usize| {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&n.to_be_bytes());
        let begun = session(ana, 0, SessionKind::Cookie, 1000);
        Effect::StartSession(Session {
            token: TokenHash(hash),
            created_at: time(n as u64),
            ..begun
        })
    };
    let many = MOST_SESSIONS + 5;
    scene.effects(ana, (0..many).map(start).collect()).await.unwrap();
    let listed = scene.store.sessions_of(ana, time(1), MOST_SESSIONS).await.unwrap();
    let all = scene.store.sessions_of(ana, time(1), usize::MAX).await.unwrap();
    assert_eq!((listed.len(), all.len()), (MOST_SESSIONS, many));
    assert_eq!(all[..MOST_SESSIONS], listed);
    assert_eq!(listed[0].created_at, time(many as u64 - 1));
    assert_eq!(listed[MOST_SESSIONS - 1].created_at, time(5));
}

/// A session is ended by its number, once, and by its owner alone.
pub async fn a_session_is_ended_by_its_owner_alone(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let ben = scene.register("ben").await;
    for n in 1..=3 {
        scene.start(ana, n, SessionKind::Cookie, 100).await;
    }
    let store = Arc::clone(&scene.store);
    let second = SessionId::of(&token(2));
    assert!(!store.end_session_of(ben, second).await.unwrap());
    assert!(!store.end_session_of(ana, SessionId::of(&token(9))).await.unwrap());
    assert_eq!(store.sessions_of(ana, time(1), MOST_SESSIONS).await.unwrap().len(), 3);
    assert!(store.end_session_of(ana, second).await.unwrap());
    assert!(!store.end_session_of(ana, second).await.unwrap());
    assert_eq!(store.find_session(&token(2), time(1)).await.unwrap(), None);
    assert_eq!(store.sessions_of(ana, time(1), MOST_SESSIONS).await.unwrap().len(), 2);
}

/// Of many sessions, those that are there are told from those that have ended.
pub async fn living_sessions_are_told_from_ended_ones(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    for n in 1..=4 {
        scene.start(ana, n, SessionKind::Bearer, 100 + u64::from(n)).await;
    }
    assert!(scene.store.end_session(&token(2)).await.unwrap());
    let living = async |tokens: &[u8], now| {
        let tokens: Vec<_> = tokens.iter().map(|n| token(*n)).collect();
        let mut living = scene.store.living_sessions(&tokens, time(now)).await.unwrap();
        living.sort_unstable_by_key(|token| token.0);
        living
    };
    assert_eq!(living(&[], 1).await, []);
    assert_eq!(living(&[4, 2, 9, 1], 1).await, [token(1), token(4)]);
    assert_eq!(living(&[1, 3, 4], 103).await, [token(4)]);
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(living(&all, 1).await, [token(1), token(3), token(4)]);
}
