//! A store whose operations are timed. It keeps the promises of the one that it stands before.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use async_trait::async_trait;
use metrics::Histogram;
use siskin_domain::moderation::Standing;
use siskin_domain::{
    Position, Recorded, ReportId, StreamId, Timestamp, TweetId, UserId, Username, wire,
};
use tokio::sync::broadcast;

use super::{
    Answer, AnswerKey, Answers, Append, Appended, Archive, Audience, Bucket, Coordination,
    Credential, Credentials, EventStore, Holder, Maintenance, Moderation, NodeLease, NodeWish,
    OwnSession, Page, Proof, ProofKey, Proofs, Published, Read, ReadModels, Report, SessionId,
    SessionOwner, Sessions, Store, StoreError, Token, TokenHash, Verification, Vitals,
};
use crate::telemetry::traces;

/// Stands before a store and notes how long each operation took and how it ended.
pub struct Measured {
    store: Arc<dyn Store>,
    histograms: [[OnceLock<Histogram>; OUTCOMES.len()]; OPERATIONS.len()],
}

/// What is told apart: what the pages of most requests wait for by its name, all else by what it
/// is about. Each of them is some series.
const OPERATIONS: [&str; 18] = [
    "append",
    "load",
    "read_all",
    "find_user",
    "list_users",
    "find_tweet",
    "list_tweets",
    "credentials",
    "find_session",
    "sessions",
    "answers",
    "proofs",
    "moderation",
    "leases",
    "tokens",
    "relays",
    "archive",
    "maintenance",
];

/// How an operation may end.
const OUTCOMES: [&str; 8] =
    ["ok", "conflict", "refused", "unavailable", "disk_full", "io", "damaged", "corrupt"];

fn outcome<T>(done: &Result<T, StoreError>) -> usize {
    match done {
        Ok(_) => 0,
        Err(StoreError::Conflict) => 1,
        Err(StoreError::Taken(_) | StoreError::AuthorGone) => 2,
        Err(StoreError::Unavailable(_)) => 3,
        Err(StoreError::DiskFull(_)) => 4,
        Err(StoreError::DiskFailed(_)) => 5,
        Err(StoreError::Damaged(_)) => 6,
        Err(StoreError::Corrupt(_)) => 7,
    }
}

/// The place of an operation in the list: a name that is not there does not compile.
const fn place(operation: &str) -> usize {
    let mut at = 0;
    while at < OPERATIONS.len() {
        if same(OPERATIONS[at].as_bytes(), operation.as_bytes()) {
            return at;
        }
        at += 1;
    }
    panic!("no such operation")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    a.len() == b.len() && at == a.len()
}

impl Measured {
    /// Before this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, histograms: Default::default() }
    }

    async fn timed<T>(
        &self,
        operation: usize,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        let done = work.await;
        let outcome = outcome(&done);
        let histogram = self.histograms[operation][outcome].get_or_init(|| {
            metrics::histogram!(
                "siskin_store_operation_duration_seconds",
                "operation" => OPERATIONS[operation],
                "outcome" => OUTCOMES[outcome],
            )
        });
        histogram.record(begun.elapsed().as_secs_f64());
        traces::store(OPERATIONS[operation], OUTCOMES[outcome], begun);
        done
    }
}

/// Implements a trait by asking the store and timing it.
macro_rules! measured {
    ($store:ident { $(
        $operation:literal: $name:ident($($given:ident: $kind:ty),*) -> $done:ty;
    )* }) => {
        #[async_trait]
        impl $store for Measured { $(
            async fn $name(&self, $($given: $kind),*) -> Result<$done, StoreError> {
                const OPERATION: usize = place($operation);
                self.timed(OPERATION, self.store.$name($($given),*)).await
            }
        )* }
    };
}

#[async_trait]
impl EventStore for Measured {
    async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        self.timed(const { place("append") }, self.store.append(append)).await
    }
    async fn load(&self, stream: StreamId) -> Result<Vec<Recorded>, StoreError> {
        self.timed(const { place("load") }, self.store.load(stream)).await
    }
    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Recorded>, StoreError> {
        self.timed(const { place("read_all") }, self.store.read_all(after, limit)).await
    }
    async fn read_each(&self, after: Position, limit: usize) -> Result<Vec<Read>, StoreError> {
        self.timed(const { place("read_all") }, self.store.read_each(after, limit)).await
    }
    fn position(&self) -> Position {
        self.store.position()
    }
    fn generation(&self) -> u64 {
        self.store.generation()
    }
    fn subscribe(&self) -> broadcast::Receiver<Published> {
        self.store.subscribe()
    }
}

measured! { ReadModels {
    "find_user": find_user(id: UserId, audience: Audience) -> Option<wire::User>;
    "find_user": find_user_by_name(name: &Username, audience: Audience) -> Option<wire::User>;
    "list_users": list_users(page: Page, audience: Audience) -> Vec<wire::User>;
    "find_tweet": find_tweet(id: TweetId, audience: Audience) -> Option<wire::Tweet>;
    "find_tweet": find_tweets(ids: &[TweetId], audience: Audience) -> Vec<wire::Tweet>;
    "list_tweets": list_tweets(page: Page, audience: Audience) -> Vec<wire::Tweet>;
    "list_tweets": list_tweets_of(
        author: UserId, page: Page, audience: Audience
    ) -> Vec<wire::Tweet>;
} }

measured! { Credentials {
    "credentials": find_credential(login: &str) -> Option<Credential>;
    "credentials": credential_of(user: UserId) -> Option<Credential>;
} }

measured! { Sessions {
    "find_session": find_session(token: &TokenHash, now: Timestamp) -> Option<SessionOwner>;
    "sessions": touch_session(token: &TokenHash, now: Timestamp) -> ();
    "sessions": end_session(token: &TokenHash) -> bool;
    "sessions": living_sessions(tokens: &[TokenHash], now: Timestamp) -> Vec<TokenHash>;
    "sessions": sessions_of(user: UserId, now: Timestamp, limit: usize) -> Vec<OwnSession>;
    "sessions": end_session_of(user: UserId, id: SessionId) -> bool;
} }

measured! { Answers {
    "answers": find_answer(key: &AnswerKey, now: Timestamp) -> Option<Answer>;
    "answers": remember_answer(answer: Answer) -> ();
} }

measured! { Proofs {
    "proofs": find_proof(key: &ProofKey, now: Timestamp) -> Option<Proof>;
    "proofs": proofs_of(user: UserId, now: Timestamp) -> Vec<Proof>;
    "proofs": keep_proof(proof: Proof, now: Timestamp) -> ();
    "proofs": spend_proof(key: &ProofKey, now: Timestamp) -> Option<Proof>;
} }

measured! { Moderation {
    "moderation": acts(page: Page) -> Vec<Recorded>;
    "moderation": list_reports(open: bool, page: Page) -> Vec<Report>;
    "moderation": find_report(id: ReportId) -> Option<Report>;
    "moderation": list_standings(page: Page) -> Vec<(UserId, Standing)>;
    "moderation": list_hidden(page: Page) -> Vec<TweetId>;
    "moderation": reports_by(reporter: UserId, page: Page) -> Vec<Report>;
    "moderation": hidden_of(author: UserId, page: Page) -> Vec<TweetId>;
} }

measured! { Coordination {
    "leases": lease_node(wish: NodeWish) -> Option<NodeLease>;
    "leases": release_node(holder: Holder, used: Timestamp) -> ();
    "tokens": take_token(bucket: Bucket, now: Timestamp) -> Token;
    "tokens": return_token(bucket: Bucket) -> ();
    "relays": take_relay(
        name: &str, holder: Holder, now: Timestamp, until: Timestamp
    ) -> Option<Position>;
    "relays": advance_relay(name: &str, holder: Holder, to: Position) -> bool;
} }

measured! { Archive {
    "archive": credentials_after(after: Option<UserId>, limit: usize) -> Vec<Credential>;
    "archive": restore_events(events: Vec<Recorded>) -> ();
    "archive": restore_credentials(credentials: Vec<Credential>) -> ();
    "archive": proofs_after(after: Option<ProofKey>, limit: usize) -> Vec<Proof>;
    "archive": restore_proofs(proofs: Vec<Proof>) -> ();
} }

#[async_trait]
impl Maintenance for Measured {
    async fn ping(&self) -> Result<(), StoreError> {
        self.timed(const { place("maintenance") }, self.store.ping()).await
    }
    async fn rebuild_projections(&self) -> Result<u64, StoreError> {
        self.store.rebuild_projections().await
    }
    async fn reshape_projections(&self) -> Result<u64, StoreError> {
        self.store.reshape_projections().await
    }
    async fn check(&self) -> Result<(), StoreError> {
        self.store.check().await
    }
    async fn verify_projections(&self) -> Result<Verification, StoreError> {
        self.store.verify_projections().await
    }
    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.sweep(now).await
    }
    fn is_on_this_machine(&self) -> bool {
        self.store.is_on_this_machine()
    }
    async fn vitals(&self) -> Result<Vitals, StoreError> {
        self.store.vitals().await
    }
    async fn close(&self) {
        self.store.close().await;
    }
}
