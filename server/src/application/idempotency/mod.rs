//! Repeated requests: the same `Idempotency-Key`, caller and request within a day get the first
//! answer again, and the work is done once.
//!
//! Two requests with one key take turns within this process; the answer is kept in the same
//! transaction as the work ([`IdempotencyScope::remember`]), so a crash can't separate them.
//!
//! The store must learn nothing from what is kept, since answers hold tokens and requests hold
//! passwords. It sees hashes and sealed bytes; the key that opens them is made of the
//! `Idempotency-Key` and the request themselves, which are not kept.

mod answer;
mod seal;
mod turn;

use std::sync::Arc;

use sha2::{Digest, Sha256};
use siskin_domain::{Timestamp, UserId};

pub use answer::{
    InvitationAnswer, InvitationView, KeptAnswer, ReportFiled, TokenAnswer, UserAnswer,
    created_tweet,
};
pub use turn::Turn;

use super::hashing::Hasher;
use super::{Clock, Entropy, Refused};
use crate::storage::{Answer, AnswerKey, Effect, Store, StoreError};
use seal::Sealer;
use turn::Turns;

/// How long an answer is kept.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// The scope of one keyed request, for the transaction that does its work; `None` without a key.
pub type Once = Option<IdempotencyScope>;

/// The same with the answer that is to be kept, for commands that have none of their own.
pub type OnceSaying = Option<(IdempotencyScope, KeptAnswer)>;

/// A request that may be repeated.
#[derive(Clone, Copy)]
pub struct Repeatable<'a> {
    /// The `Idempotency-Key`.
    pub key: &'a str,
    /// Who asks; nobody for sign-up and log-in.
    pub caller: Option<UserId>,
    /// Method and path.
    pub endpoint: &'a str,
    /// The body as it came.
    pub body: &'a [u8],
    /// Does the body hold a password? What is kept is then as hard to guess from as its hash, and
    /// costs as much: throttle before.
    pub secret: bool,
}

/// What is to be done with a keyed request.
pub enum Begun {
    /// It was answered before: say this again.
    Again(KeptAnswer),
    /// It is new: do the work, keep the answer, then let go of the turn.
    Fresh(IdempotencyScope, Turn),
}

/// Keeps answers. Clones share their state.
#[derive(Clone)]
pub struct Idempotency {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    hasher: Hasher,
    turns: Turns,
}

impl Idempotency {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        hasher: Hasher,
    ) -> Self {
        Self { store, clock, entropy, hasher, turns: Turns::default() }
    }

    /// Waits for the request's turn and looks for its answer.
    ///
    /// # Errors
    /// [`Refused::KeyReused`] if the key came with another request before.
    pub async fn begin(&self, request: Repeatable<'_>) -> Result<Begun, Refused> {
        let key = answer_key(&request);
        let turn = self.turns.take(key).await;
        let now = self.clock.now();
        let root = self.root(&request, key).await?;
        let fingerprint = digest("siskin idempotency fingerprint v1", &[&root]);
        let sealer = Sealer::new(&root, self.entropy.clone());
        match self.store.find_answer(&key, now).await? {
            Some(kept) if kept.fingerprint != fingerprint => Err(Refused::KeyReused),
            Some(kept) => {
                let broken = || StoreError::Corrupt("a kept answer cannot be opened".to_owned());
                sealer.open(&key, &kept.sealed).map(Begun::Again).ok_or_else(|| broken().into())
            }
            None => {
                let expires_at = now.plus_ms(KEPT_MS);
                Ok(Begun::Fresh(IdempotencyScope { key, fingerprint, sealer, expires_at }, turn))
            }
        }
    }

    /// Keeps an answer that came of no work, such as a refusal.
    ///
    /// # Errors
    /// The store's.
    pub async fn remember(
        &self,
        scope: &IdempotencyScope,
        answer: &KeptAnswer,
        user: Option<UserId>,
    ) -> Result<(), StoreError> {
        self.store.remember_answer(scope.answer(answer, user)).await
    }

    /// Keeps an answer whose work was no transaction, if the request had a key.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep(
        &self,
        scope: Option<&IdempotencyScope>,
        answer: &KeptAnswer,
        user: Option<UserId>,
    ) -> Result<(), StoreError> {
        match scope {
            Some(scope) => self.remember(scope, answer, user).await,
            None => Ok(()),
        }
    }

    /// What the fingerprint and the sealing key are made of. It depends on the key and on the
    /// whole request and is not kept, so the store can neither open an answer nor test a guess of
    /// a body without the key. Keys can be short, though, so what depends on a password is
    /// stretched: guessing it from here is as hard as from the password's hash.
    async fn root(&self, request: &Repeatable<'_>, key: AnswerKey) -> Result<[u8; 32], Refused> {
        let root = digest(
            "siskin idempotency root v1",
            &[request.key.as_bytes(), request.endpoint.as_bytes(), request.body],
        );
        if request.secret { self.hasher.stretch(root.to_vec(), key.0).await } else { Ok(root) }
    }
}

/// What a transaction needs to keep its own answer.
#[derive(Clone)]
pub struct IdempotencyScope {
    key: AnswerKey,
    fingerprint: [u8; 32],
    sealer: Sealer,
    expires_at: Timestamp,
}

impl IdempotencyScope {
    /// The effect that keeps `answer` with the work; it is forgotten when `user` goes.
    pub(super) fn remember(&self, answer: &KeptAnswer, user: Option<UserId>) -> Effect {
        Effect::RememberAnswer(self.answer(answer, user))
    }

    fn answer(&self, answer: &KeptAnswer, user: Option<UserId>) -> Answer {
        Answer {
            key: self.key,
            user,
            fingerprint: self.fingerprint,
            sealed: self.sealer.seal(&self.key, answer),
            expires_at: self.expires_at,
        }
    }
}

fn answer_key(request: &Repeatable<'_>) -> AnswerKey {
    let caller = request.caller.map_or(0, UserId::get).to_be_bytes();
    AnswerKey(digest("siskin idempotency key v1", &[&caller, request.key.as_bytes()]))
}

/// SHA-256 of a label and parts, each after its length, so that no two lists read the same.
fn digest(label: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in std::iter::once(label.as_bytes()).chain(parts.iter().copied()) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
