//! The storage contract: what every store promises, with no store in sight.
//!
//! * [`EventStore`]: the log; the one way to change anything.
//! * [`ReadModels`]: the projections that queries read.
//! * [`Credentials`], [`Sessions`], [`Answers`], [`Proofs`]: what must never be an event.
//! * [`Coordination`]: what several servers on one store agree on.
//! * [`Archive`]: moving a whole store to another.
//! * [`Moderation`]: reports, measures in force, and the audit log.
//! * [`Maintenance`]: rebuild, verify, sweep.
//!
//! Every promise below is a test in [`contract`], which each store runs whole.

pub mod buckets;
pub mod codec;
pub mod contract;
pub mod mongo;
pub mod sqlite;

mod commits;
mod error;
mod failures;
mod measured;
mod moderation;
mod news;
mod proofs;
mod scopes;
mod sessions;
mod shared;
mod types;
mod vitals;

use std::sync::Arc;

use async_trait::async_trait;
use siskin_domain::{Position, Recorded, StreamId, Timestamp, TweetId, UserId, Username, wire};
use tokio::sync::broadcast;

pub use error::{Failure, StoreError, UniqueField};
pub use measured::Measured;
pub use moderation::{Audience, Moderation, Report};
pub use mongo::MongoStore;
pub use proofs::{MOST_PROOF_DATA, Proof, ProofKey, ProofKind};
pub use scopes::{Scope, Scopes};
pub use sessions::{
    Client, MOST_SESSIONS, OwnSession, Session, SessionId, SessionKind, SessionOwner, TokenHash,
};
pub use shared::{Archive, Bucket, Coordination, Holder, NodeLease, NodeWish, Token};
pub use sqlite::{SqliteOptions, SqliteStore, snapshot};
pub use types::{
    Answer, AnswerKey, Append, Appended, Credential, Difference, Effect, Expected, Page, Read,
    StoredHash, Unreadable, Verification,
};
pub use vitals::{Following, Vitals};

/// The shape of the projections that this version makes: raised whenever what a table or document of
/// theirs holds changes for events that are in the log already.
pub const PROJECTED: i64 = 1;

/// Events that were committed together, as live readers get them.
pub type Published = Arc<Vec<Recorded>>;

/// The log of events.
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// Appends events to a stream if it is still where [`Append::expected`] says.
    ///
    /// The events, the projections they change, and the [`Effect`]s become visible together, or
    /// none of them do. They are on disk when this returns. In the same transaction,
    ///
    /// * a `TweetDeleted` erases the personal part of its tweet's events;
    /// * a `UserDeleted` appends a `TweetDeleted` for each tweet of theirs that is left, erases
    ///   the personal parts of all those streams, of the user's own, of what moderators have done
    ///   about them, and of reports by and about them, and removes the credential, the sessions,
    ///   the proofs and the answers kept for them.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if another writer got there first: reload, decide again, retry.
    /// So is a reason about, or a report by or about, somebody who is gone.
    /// [`StoreError::Taken`] if a username or e-mail address belongs to somebody else.
    /// [`StoreError::AuthorGone`] for a tweet whose author does not exist (any more).
    /// [`StoreError::Unavailable`] if the store cannot write now; nothing was changed.
    async fn append(&self, append: Append) -> Result<Appended, StoreError>;

    /// A stream's whole history, oldest first; empty if there is none.
    async fn load(&self, stream: StreamId) -> Result<Vec<Recorded>, StoreError>;

    /// Up to `limit` events after a position, in order of commit.
    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Recorded>, StoreError>;

    /// The same, each event by itself: one that can't be read does not hide the others.
    async fn read_each(&self, after: Position, limit: usize) -> Result<Vec<Read>, StoreError> {
        Ok(self.read_all(after, limit).await?.into_iter().map(Ok).collect())
    }

    /// The position of the newest committed event that this process knows of; cheap.
    fn position(&self) -> Position;

    /// A number that changes whenever any answer of [`ReadModels`] may have changed: what caches
    /// compare. Cheap.
    fn generation(&self) -> u64;

    /// Events committed from now on, by this process or another, in order.
    ///
    /// A reader that lags is told so by the channel and catches up with [`EventStore::read_all`].
    fn subscribe(&self) -> broadcast::Receiver<Published>;
}

/// The projections. They contain every event that [`EventStore::append`] has acknowledged.
#[async_trait]
pub trait ReadModels: Send + Sync + 'static {
    /// A user with everything, `email` and `role` included; callers leave out what is not public.
    async fn find_user(
        &self,
        id: UserId,
        audience: Audience,
    ) -> Result<Option<wire::User>, StoreError>;

    /// The same by name.
    async fn find_user_by_name(
        &self,
        name: &Username,
        audience: Audience,
    ) -> Result<Option<wire::User>, StoreError>;

    /// Users, newest first.
    async fn list_users(
        &self,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::User>, StoreError>;

    /// A tweet with its author's current names.
    async fn find_tweet(
        &self,
        id: TweetId,
        audience: Audience,
    ) -> Result<Option<wire::Tweet>, StoreError>;

    /// Those of the tweets that are in the audience's timeline, in any order.
    async fn find_tweets(
        &self,
        ids: &[TweetId],
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError>;

    /// Everybody's tweets, newest first.
    async fn list_tweets(
        &self,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError>;

    /// One person's tweets, newest first. Whether the person is suspended does not matter here.
    async fn list_tweets_of(
        &self,
        author: UserId,
        page: Page,
        audience: Audience,
    ) -> Result<Vec<wire::Tweet>, StoreError>;
}

/// Password hashes: beside the log, never in it. Written by [`Effect::SetCredential`].
#[async_trait]
pub trait Credentials: Send + Sync + 'static {
    /// The credential of whoever has this username or (if it holds an `@`) e-mail address.
    async fn find_credential(&self, login: &str) -> Result<Option<Credential>, StoreError>;

    /// The credential of a user.
    async fn credential_of(&self, user: UserId) -> Result<Option<Credential>, StoreError>;
}

/// Browser sessions and API tokens, known by the hash of their secret. They are begun by
/// [`Effect::StartSession`].
#[async_trait]
pub trait Sessions: Send + Sync + 'static {
    /// The session with its owner as they are now, unless it has expired at `now`.
    async fn find_session(
        &self,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<SessionOwner>, StoreError>;

    /// Notes that a session was used; extends nothing but `last_seen_at`.
    async fn touch_session(&self, token: &TokenHash, now: Timestamp) -> Result<(), StoreError>;

    /// Ends a session; `false` if there was none.
    async fn end_session(&self, token: &TokenHash) -> Result<bool, StoreError>;

    /// Those of the sessions that are there and have not expired at `now`, in any order.
    async fn living_sessions(
        &self,
        tokens: &[TokenHash],
        now: Timestamp,
    ) -> Result<Vec<TokenHash>, StoreError>;

    /// Up to `limit` of a user's sessions that have not expired at `now`, those that were used last
    /// first.
    async fn sessions_of(
        &self,
        user: UserId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<OwnSession>, StoreError>;

    /// Ends a user's session by its number; `false` if they have none of that number.
    async fn end_session_of(&self, user: UserId, id: SessionId) -> Result<bool, StoreError>;
}

/// Answers kept for requests that may be repeated. Written by [`Effect::RememberAnswer`] with the
/// work itself, or alone for answers without work.
#[async_trait]
pub trait Answers: Send + Sync + 'static {
    /// The answer kept under a key, unless it has expired at `now`.
    async fn find_answer(
        &self,
        key: &AnswerKey,
        now: Timestamp,
    ) -> Result<Option<Answer>, StoreError>;

    /// Keeps an answer unless one is kept under its key already, expired or not.
    async fn remember_answer(&self, answer: Answer) -> Result<(), StoreError>;
}

/// What proves who somebody is, beside the password. Also written by [`Effect::KeepProof`] and the
/// effects beside it.
#[async_trait]
pub trait Proofs: Send + Sync + 'static {
    /// The proof with this key, unless it has expired at `now`.
    async fn find_proof(&self, key: &ProofKey, now: Timestamp)
    -> Result<Option<Proof>, StoreError>;

    /// A user's proofs of all kinds that have not expired at `now`, oldest first.
    async fn proofs_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Proof>, StoreError>;

    /// Keeps a proof.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if its key is that of one that has not expired at `now`, or if
    /// its user is gone.
    async fn keep_proof(&self, proof: Proof, now: Timestamp) -> Result<(), StoreError>;

    /// Takes a proof out, unless it has expired at `now`: of callers at the same time, one gets it.
    async fn spend_proof(
        &self,
        key: &ProofKey,
        now: Timestamp,
    ) -> Result<Option<Proof>, StoreError>;
}

/// What operators do.
#[async_trait]
pub trait Maintenance: Send + Sync + 'static {
    /// Fails if the store can't be read or written now.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Makes the projections anew from the log while the store is read and written; returns the
    /// number of events read.
    async fn rebuild_projections(&self) -> Result<u64, StoreError>;

    /// The same if an earlier version made them and their shape ([`PROJECTED`]) has changed since;
    /// nothing, and 0, if not. Goes on where an interrupted call stopped.
    async fn reshape_projections(&self) -> Result<u64, StoreError>;

    /// Builds the projections beside the live ones and compares them, row for row.
    async fn verify_projections(&self) -> Result<Verification, StoreError>;

    /// Forgets sessions, answers and proofs that have expired at `now`; returns how many. Also does what
    /// an erasure has left for later, so call it at least once an hour.
    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// After an end that was none (a kill, a crash, a power loss): looks whether what is stored is
    /// whole. May take seconds for a large store, and is not in the way of others.
    ///
    /// # Errors
    /// [`StoreError::Damaged`]: from then on nothing is written.
    async fn check(&self) -> Result<(), StoreError>;

    /// Are reads computing on this machine, rather than waiting for another one?
    fn is_on_this_machine(&self) -> bool;

    /// How the store is. It costs little and changes nothing.
    async fn vitals(&self) -> Result<Vitals, StoreError>;

    /// Flushes what can be flushed and stops writing; later appends are `Unavailable`.
    async fn close(&self);
}

/// Everything that a store promises, in one object.
pub trait Store:
    EventStore
    + ReadModels
    + Credentials
    + Sessions
    + Answers
    + Moderation
    + Proofs
    + Coordination
    + Archive
    + Maintenance
{
}

impl<T> Store for T where
    T: EventStore
        + ReadModels
        + Credentials
        + Sessions
        + Answers
        + Moderation
        + Proofs
        + Coordination
        + Archive
        + Maintenance
{
}
