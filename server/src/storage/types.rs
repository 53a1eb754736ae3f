//! The values that cross the storage contract.

use siskin_domain::{Event, Position, Recorded, StreamId, Timestamp, UserId};

use super::proofs::{Proof, ProofKey, ProofKind};
use super::sessions::{Session, TokenHash};

/// Where a stream must be for an append to succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It has no event yet.
    Empty,
    /// Its last event has this version.
    At(u64),
    /// Wherever it is: for streams that no rule reads.
    Any,
}

/// One change, all or nothing.
#[derive(Debug, Clone)]
pub struct Append {
    /// The stream that grows.
    pub stream: StreamId,
    /// Where it must be.
    pub expected: Expected,
    /// What happened, oldest first; may be empty if there are effects only.
    pub events: Vec<Event>,
    /// When it was decided.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Option<UserId>,
    /// What else becomes true in the same transaction.
    pub effects: Vec<Effect>,
}

impl Append {
    /// A change of what is kept beside the log for a user, by themselves: no event tells of it.
    #[must_use]
    pub const fn beside(user: UserId, at: Timestamp, effects: Vec<Effect>) -> Self {
        Self {
            stream: StreamId::Logins(user),
            expected: Expected::Any,
            events: Vec::new(),
            at,
            actor: Some(user),
            effects,
        }
    }
}

/// What becomes true together with events, but is not itself an event.
#[derive(Debug, Clone)]
pub enum Effect {
    /// The user's password has this hash from now on. A user who is gone is a
    /// [`StoreError::Conflict`](super::StoreError::Conflict).
    SetCredential {
        /// Whose.
        user: UserId,
        /// Its hash.
        hash: StoredHash,
    },
    /// Nothing is changed, but if the user's password does not have this hash any more, the whole
    /// append is a [`StoreError::Conflict`](super::StoreError::Conflict): what was shown is void.
    CredentialIs {
        /// Whose.
        user: UserId,
        /// The hash that a password was compared with.
        hash: StoredHash,
    },
    /// A session begins. A user who is gone is a
    /// [`StoreError::Conflict`](super::StoreError::Conflict).
    StartSession(Session),
    /// Nothing is changed, but if this session has ended, the whole append is a
    /// [`StoreError::Conflict`](super::StoreError::Conflict).
    SessionIs(TokenHash),
    /// A user's sessions and tokens end, perhaps but one.
    EndSessions {
        /// Whose.
        user: UserId,
        /// The one that stays.
        except: Option<TokenHash>,
    },
    /// One session ends (the one that a new log-in replaces).
    EndSession(TokenHash),
    /// An answer is kept for a repeated request. If one is kept under its key already, that has
    /// not expired at [`Append::at`], the whole append is a
    /// [`StoreError::Conflict`](super::StoreError::Conflict): the work was done.
    RememberAnswer(Answer),
    /// A proof is kept. A user who is gone, or a key that a proof has that has not expired at
    /// [`Append::at`], is a [`StoreError::Conflict`](super::StoreError::Conflict).
    KeepProof(Proof),
    /// A proof takes the place of its former self, which must have the revision before its own
    /// and not have expired; else a [`StoreError::Conflict`](super::StoreError::Conflict).
    ReplaceProof(Proof),
    /// A proof is used up. If it is not there, or has expired at [`Append::at`], the whole append
    /// is a [`StoreError::Conflict`](super::StoreError::Conflict).
    SpendProof(ProofKey),
    /// A user's proofs of a kind go, perhaps but one.
    DropProofs {
        /// Whose.
        user: UserId,
        /// Of which kind.
        kind: ProofKind,
        /// The one that stays.
        except: Option<ProofKey>,
    },
}

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The position of its last event; the log's end if it had none.
    pub position: Position,
    /// The stream's version after it.
    pub version: u64,
}

/// A window of a list that runs from newest to oldest.
///
/// With `after` alone it holds the `limit` entries next to it; in all other cases the newest
/// `limit` entries within the bounds. Entries come newest first either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page {
    /// At most so many entries: 1 to 1000. The API asks for 100 at most.
    pub limit: u16,
    /// Only ids below this.
    pub before: Option<u64>,
    /// Only ids above this.
    pub after: Option<u64>,
}

impl Page {
    /// The newest entries.
    #[must_use]
    pub const fn newest(limit: u16) -> Self {
        Self { limit, before: None, after: None }
    }
}

/// A password's argon2id hash in PHC string form. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredHash(pub String);

impl std::fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredHash(***)")
    }
}

/// A user's credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Whose.
    pub user: UserId,
    /// The hash to verify against.
    pub hash: StoredHash,
}

/// What finds a kept answer: SHA-256 of caller and `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnswerKey(pub [u8; 32]);

/// An answer kept for a repeated request. Its contents are sealed: unreadable to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What finds it.
    pub key: AnswerKey,
    /// Whose request it was, if they were signed in: it goes when they go.
    pub user: Option<UserId>,
    /// SHA-256 of method, path and body: a repetition must be of the same request.
    pub fingerprint: [u8; 32],
    /// Status, headers and body, sealed.
    pub sealed: Vec<u8>,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// An event, or why it can't be read.
pub type Read = Result<Recorded, Unreadable>;

/// An event that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it is.
    pub position: Position,
    /// Its stream, if that can be read.
    pub stream: Option<StreamId>,
    /// Its place in the stream, if that can be read.
    pub version: Option<u64>,
    /// What is wrong with it; never what people wrote.
    pub what: String,
}

/// What `projections verify` found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Events read.
    pub events: u64,
    /// Rows compared.
    pub rows: u64,
    /// Rows that are not the same; none if all is well.
    pub differences: Vec<Difference>,
}

/// A row that differs between the live projection and the one made from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The projection's name.
    pub projection: &'static str,
    /// The row's key.
    pub key: String,
    /// What differs, in words.
    pub what: String,
}
