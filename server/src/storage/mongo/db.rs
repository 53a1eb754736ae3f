//! The connection: client, collections, and what has been seen of the cluster's time.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mongodb::bson::{DateTime, Document, Timestamp, doc};
use mongodb::error::Error;
use mongodb::options::{
    Acknowledgment, ClientOptions, IndexOptions, ReadConcern, ReadPreference, SelectionCriteria,
    WriteConcern,
};
use mongodb::{Client, ClientSession, ClusterTime, Collection, Database, IndexModel};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::documents::{
    AnswerDoc, CredentialDoc, EventDoc, ReportDoc, SessionDoc, TweetDoc, UserDoc,
};
use super::error::{describe, is_duplicate};
use super::proofs::ProofDoc;
use super::turn::Turn;
use crate::storage::StoreError;

/// How long a request waits for the store before it is told that it can't be had. It may have
/// waited before, for an earlier answer, and is to end within five seconds.
pub(super) const PATIENCE: Duration = Duration::from_millis(3_500);
/// How long the driver looks for a server that can do what is asked.
const SELECTION: Duration = Duration::from_millis(2_500);
/// The most connections, unless the address says `maxPoolSize`: reads of as many requests.
const CONNECTIONS: u32 = 64;
/// The database's collections.
pub(super) const COLLECTIONS: [&str; 13] = [
    "events",
    "users",
    "tweets",
    "reports",
    "credentials",
    "sessions",
    "answers",
    "proofs",
    "counters",
    "nodes",
    "throttles",
    "relays",
    "writers",
];
/// The name of the counter whose document is the log's end, and the lock of those who write.
pub(super) const LOG: &str = "log";

/// `counters`: one document, `log`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CounterDoc {
    #[serde(rename = "_id")]
    pub(super) name: String,
    /// The position of the last event.
    pub(super) position: i64,
    /// Grows with every transaction that takes the lock.
    pub(super) turn: i64,
}

/// One database.
#[derive(Debug)]
pub(super) struct Db {
    pub(super) client: Client,
    pub(super) database: Database,
    pub(super) events: Collection<EventDoc>,
    pub(super) users: Collection<UserDoc>,
    pub(super) tweets: Collection<TweetDoc>,
    pub(super) reports: Collection<ReportDoc>,
    pub(super) credentials: Collection<CredentialDoc>,
    pub(super) sessions: Collection<SessionDoc>,
    pub(super) answers: Collection<AnswerDoc>,
    pub(super) proofs: Collection<ProofDoc>,
    pub(super) counters: Collection<CounterDoc>,
    pub(super) nodes: Collection<Document>,
    pub(super) throttles: Collection<Document>,
    pub(super) relays: Collection<Document>,
    pub(super) writers: Collection<Document>,
    /// Who of this process may run a transaction.
    pub(super) turn: tokio::sync::Mutex<Option<Turn>>,
    /// What a later read must not be older than.
    seen: Mutex<Option<Seen>>,
    closed: AtomicBool,
    /// How long a request waits for it: [`PATIENCE`], unless it was opened with another.
    pub(super) patience: Duration,
}

#[derive(Debug, Clone)]
struct Seen {
    operation: Timestamp,
    cluster: ClusterTime,
}

impl Db {
    /// Connects, refuses a server that can't keep our promises and half of a restore, and makes what
    /// is missing.
    pub(super) async fn connect(url: &str) -> Result<Self, StoreError> {
        let db = Self::reach(url).await?;
        super::restoring::refuse_half(&db).await?;
        db.prepare().await?;
        Ok(db)
    }

    /// Connects, and refuses a server that can't keep our promises.
    pub(super) async fn reach(url: &str) -> Result<Self, StoreError> {
        let mut options = ClientOptions::parse(url).await.map_err(|error| unreadable(&error))?;
        let name = options.default_database.clone();
        let name = name.ok_or_else(|| refused("name a database: mongodb://HOST/siskin"))?;
        options.app_name.get_or_insert_with(|| "siskin".to_owned());
        options.server_selection_timeout.get_or_insert(SELECTION);
        options.connect_timeout.get_or_insert(SELECTION);
        options.max_pool_size.get_or_insert(CONNECTIONS);
        // What is acknowledged is on the disks of a majority, whatever the address says.
        options.write_concern =
            Some(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build());
        options.read_concern = Some(ReadConcern::majority());
        let client = Client::with_options(options).map_err(|error| unreadable(&error))?;
        let database = client.database(&name);
        let db = Self {
            events: database.collection("events"),
            users: database.collection("users"),
            tweets: database.collection("tweets"),
            reports: database.collection("reports"),
            credentials: database.collection("credentials"),
            sessions: database.collection("sessions"),
            answers: database.collection("answers"),
            proofs: database.collection("proofs"),
            counters: database.collection("counters"),
            nodes: database.collection("nodes"),
            throttles: database.collection("throttles"),
            relays: database.collection("relays"),
            writers: database.collection("writers"),
            turn: tokio::sync::Mutex::new(None),
            client,
            database,
            seen: Mutex::new(None),
            closed: AtomicBool::new(false),
            patience: PATIENCE,
        };
        db.require_replica_set().await?;
        Ok(db)
    }

    /// Transactions need a replica set, or a sharded cluster of them.
    async fn require_replica_set(&self) -> Result<(), StoreError> {
        let hello = self.database.run_command(doc! { "hello": 1 }).await?;
        let replica_set = hello.contains_key("setName");
        let sharded = hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid");
        if replica_set || sharded {
            return Ok(());
        }
        Err(refused(
            "the MongoDB server stands alone, and only a replica set has transactions; make it \
             one with two commands: start it as `mongod --replSet siskin`, then run `mongosh \
             --eval 'rs.initiate()'` once",
        ))
    }

    /// Collections, indexes and counters. Every server may do it at the same time.
    pub(super) async fn prepare(&self) -> Result<(), StoreError> {
        let there = self.database.list_collection_names().await?;
        for name in COLLECTIONS.iter().filter(|name| !there.iter().any(|found| found == *name)) {
            match self.database.create_collection(*name).await {
                // Another server was faster.
                Err(error) if is_there_already(&error) => {}
                made => made?,
            }
        }
        self.events.create_index(unique(doc! { "stream": 1, "version": 1 })).await?;
        self.users.create_index(unique(doc! { "username": 1 })).await?;
        self.users.create_index(unique(doc! { "email": 1 })).await?;
        self.tweets.create_index(index(doc! { "tweetedby": 1, "_id": -1 })).await?;
        self.events.create_index(sparse(doc! { "act": 1 })).await?;
        self.users.create_index(sparse(doc! { "standing": 1 })).await?;
        self.tweets.create_index(sparse(doc! { "hidden": 1 })).await?;
        self.reports.create_index(sparse(doc! { "open": 1 })).await?;
        self.reports.create_index(index(doc! { "reporter": 1 })).await?;
        self.reports.create_index(index(doc! { "about": 1 })).await?;
        self.sessions.create_index(index(doc! { "user": 1 })).await?;
        self.sessions.create_index(index(doc! { "expires_at": 1 })).await?;
        self.answers.create_index(index(doc! { "user": 1 })).await?;
        self.answers.create_index(index(doc! { "expires_at": 1 })).await?;
        self.proofs.create_index(index(doc! { "user": 1 })).await?;
        self.proofs.create_index(index(doc! { "expires_at": 1 })).await?;
        self.throttles.create_index(index(doc! { "full_at": 1 })).await?;
        let log = doc! { "$setOnInsert": { "position": 0_i64, "turn": 0_i64 } };
        match self.counters.update_one(doc! { "_id": LOG }, log).upsert(true).await {
            Err(error) if !is_duplicate(&error) => return Err(error.into()),
            _ => {}
        }
        let free = |node: i64| doc! { "_id": node, "until": DateTime::from_millis(0) };
        match self.nodes.insert_many((0..16).map(free)).ordered(false).await {
            Err(error) if !is_duplicate(&error) => Err(error.into()),
            // Those that are there already stay as they are.
            _ => Ok(()),
        }
    }

    /// A session whose reads are not older than what this process has written or published.
    pub(super) async fn session(&self) -> Result<ClientSession, Error> {
        let mut session = self.client.start_session().await?;
        self.advance(&mut session);
        Ok(session)
    }

    /// From now on a session's reads are not older than what this process has seen.
    pub(super) fn advance(&self, session: &mut ClientSession) {
        if let Some(seen) = self.seen.lock().clone() {
            session.advance_operation_time(seen.operation);
            session.advance_cluster_time(&seen.cluster);
        }
    }

    /// Notes how far a session has seen the cluster.
    pub(super) fn note(&self, session: &ClientSession) {
        let (Some(operation), Some(cluster)) = (session.operation_time(), session.cluster_time())
        else {
            return;
        };
        let mut seen = self.seen.lock();
        if seen.as_ref().is_none_or(|seen| seen.operation < operation) {
            *seen = Some(Seen { operation, cluster: cluster.clone() });
        }
    }

    /// Does something with the store, or says after a few seconds that it can't be had.
    pub(super) async fn patiently<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(self.patience, work).await {
            Ok(done) => done,
            Err(_) => Err(too_slow()),
        }
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

/// Where what decides something is read: whatever the address prefers for queries.
pub(super) fn primary() -> SelectionCriteria {
    SelectionCriteria::ReadPreference(ReadPreference::Primary)
}

pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

pub(super) fn too_slow() -> StoreError {
    StoreError::Unavailable("the store did not answer in time".to_owned())
}

/// The sentence after the variable's name.
fn refused(what: &str) -> StoreError {
    StoreError::Unavailable(what.to_owned())
}

/// The driver's own words about an address may quote its password.
fn unreadable(error: &Error) -> StoreError {
    match &*error.kind {
        mongodb::error::ErrorKind::InvalidArgument { .. } => {
            refused("the address has an option or a part that MongoDB's driver does not know")
        }
        _ => refused(&describe(error)),
    }
}

fn is_there_already(error: &Error) -> bool {
    /// `NamespaceExists`.
    const EXISTS: i32 = 48;
    matches!(&*error.kind, mongodb::error::ErrorKind::Command(command) if command.code == EXISTS)
}

fn index(keys: Document) -> IndexModel {
    IndexModel::builder().keys(keys).build()
}

fn unique(keys: Document) -> IndexModel {
    let options = IndexOptions::builder().unique(true).build();
    IndexModel::builder().keys(keys).options(options).build()
}

/// Holds only documents that have the field.
fn sparse(keys: Document) -> IndexModel {
    let options = IndexOptions::builder().sparse(true).build();
    IndexModel::builder().keys(keys).options(options).build()
}
