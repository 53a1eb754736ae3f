//! People and tweets for the promises: short words for long values.
//!
//! Nothing here is random or reads a clock, so that every run is the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{Profile, ProfileUpdate, UserEvent};
use siskin_domain::{
    DisplayName, Email, Event, Position, Recorded, Role, StreamId, Timestamp, TweetBody, TweetId,
    UserId, Username,
};

use crate::storage::{
    Append, Appended, Client, Effect, Expected, Scopes, Session, SessionKind, Store, StoreError,
    StoredHash, TokenHash,
};

/// A store, and ids and times that count up.
#[derive(Clone)]
pub struct Scene {
    /// The store.
    pub store: Arc<dyn Store>,
    next: Arc<AtomicU64>,
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scene")
    }
}

impl Scene {
    /// A scene on an empty store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, next: Arc::new(AtomicU64::new(1)) }
    }

    /// The same scene, its store opened anew.
    #[must_use]
    pub fn on(self, store: Arc<dyn Store>) -> Self {
        Self { store, next: self.next }
    }

    /// The next number: every id and time is made of one.
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The next user's id.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        UserId::new(1000 + self.number()).unwrap()
    }

    /// The next tweet's id.
    #[must_use]
    pub fn tweet_id(&self) -> TweetId {
        TweetId::new(1_000_000 + self.number()).unwrap()
    }

    /// Appends events to a stream.
    pub async fn append(
        &self,
        stream: StreamId,
        expected: Expected,
        events: Vec<Event>,
    ) -> Result<Appended, StoreError> {
        self.append_with(stream, expected, events, vec![]).await
    }

    /// Appends events to a stream, with effects.
    pub async fn append_with(
        &self,
        stream: StreamId,
        expected: Expected,
        events: Vec<Event>,
        effects: Vec<Effect>,
    ) -> Result<Appended, StoreError> {
        let actor = match stream {
            StreamId::User(id) | StreamId::Logins(id) => Some(id),
            StreamId::Tweet(_) | StreamId::Moderation(_) | StreamId::Report(_) => None,
        };
        let at = time(self.number());
        self.store.append(Append { stream, expected, events, at, actor, effects }).await
    }

    /// Registers a user with this name.
    pub async fn try_register(&self, id: UserId, name: &str) -> Result<Appended, StoreError> {
        self.append(StreamId::User(id), Expected::Empty, vec![created(name)]).await
    }

    /// Registers a user with this name, who must be free.
    pub async fn register(&self, name: &str) -> UserId {
        let id = self.user_id();
        self.try_register(id, name).await.unwrap();
        id
    }

    /// Changes a profile, wherever the stream is.
    pub async fn update(&self, id: UserId, changes: ProfileUpdate) -> Result<Appended, StoreError> {
        let event = UserEvent::Updated { changes: Some(changes) };
        self.append(StreamId::User(id), Expected::Any, vec![event.into()]).await
    }

    /// Deletes a user with all that is theirs.
    pub async fn delete_user(&self, id: UserId) -> Appended {
        let events = vec![UserEvent::Deleted.into()];
        self.append(StreamId::User(id), Expected::Any, events).await.unwrap()
    }

    /// Posts a tweet under an id.
    pub async fn try_post(
        &self,
        id: TweetId,
        author: UserId,
        text: &str,
    ) -> Result<Appended, StoreError> {
        self.append(StreamId::Tweet(id), Expected::Empty, vec![posted(author, text)]).await
    }

    /// Posts a tweet.
    pub async fn post(&self, author: UserId, text: &str) -> TweetId {
        let id = self.tweet_id();
        self.try_post(id, author, text).await.unwrap();
        id
    }

    /// Deletes a tweet.
    pub async fn delete_tweet(&self, id: TweetId, author: UserId) -> Appended {
        let events = vec![TweetEvent::Deleted { author }.into()];
        self.append(StreamId::Tweet(id), Expected::At(1), events).await.unwrap()
    }

    /// Starts a session for a user, known by `token`, until `expires`.
    pub async fn start(&self, user: UserId, token: u8, kind: SessionKind, expires: u64) {
        let session = session(user, token, kind, expires);
        self.effects(user, vec![Effect::StartSession(session)]).await.unwrap();
    }

    /// Makes effects true without events.
    pub async fn effects(
        &self,
        user: UserId,
        effects: Vec<Effect>,
    ) -> Result<Appended, StoreError> {
        self.append_with(StreamId::Logins(user), Expected::Any, vec![], effects).await
    }

    /// The whole log.
    pub async fn log(&self) -> Vec<Recorded> {
        self.store.read_all(Position(0), 1_000_000).await.unwrap()
    }

    /// Fails unless the log's positions are 1, 2, 3, …, each stream's versions are, too, and the
    /// projections are what the log makes of them.
    pub async fn sound(&self) {
        let log = self.log().await;
        let mut versions = std::collections::HashMap::new();
        for (position, event) in (1..).zip(&log) {
            assert_eq!(event.position, Position(position), "positions have a gap");
            let version = versions.entry(event.stream).or_insert(0);
            *version += 1;
            assert_eq!(event.version, *version, "versions of {} have a gap", event.stream);
        }
        let verification = self.store.verify_projections().await.unwrap();
        assert_eq!(verification.differences, vec![], "the projections are not the log's");
        assert_eq!(verification.events, log.len() as u64);
    }
}

/// The n-th second.
#[must_use]
pub fn time(n: u64) -> Timestamp {
    Timestamp::from_unix_ms(1_750_000_000_000 + n as i64 * 1000)
}

/// A profile whose every part says whose it is.
#[must_use]
pub fn profile(name: &str) -> Profile {
    Profile {
        username: Username::parse(name).unwrap(),
        email: Email::parse(&format!("{name}@example.org")).unwrap(),
        name: DisplayName::parse(&format!("The {name}")).unwrap(),
    }
}

/// The event that a person with this name registered.
#[must_use]
pub fn created(name: &str) -> Event {
    UserEvent::Created { role: Role::User, profile: Some(profile(name)) }.into()
}

/// The event that a person wrote this.
#[must_use]
pub fn posted(author: UserId, text: &str) -> Event {
    TweetEvent::Posted { author, body: Some(TweetBody::recorded(text.to_owned())) }.into()
}

/// A session's token.
#[must_use]
pub const fn token(n: u8) -> TokenHash {
    TokenHash([n; 32])
}

/// A session that begins at the first second.
#[must_use]
pub fn session(user: UserId, n: u8, kind: SessionKind, expires: u64) -> Session {
    Session {
        token: token(n),
        user,
        kind,
        name: format!("session {n}"),
        client: Client::default(),
        scopes: Scopes::ALL,
        created_at: time(0),
        expires_at: time(expires),
    }
}

/// A credential's effect.
#[must_use]
pub fn credential(user: UserId, hash: &str) -> Effect {
    Effect::SetCredential { user, hash: StoredHash(hash.to_owned()) }
}
