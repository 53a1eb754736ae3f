//! The writer: one thread that owns the one connection that writes.
//!
//! Whatever waits is taken together and committed in one transaction, so that one flush to disk
//! serves many callers (group commit). Each job runs behind a savepoint: a refused one leaves no
//! trace and does not touch its neighbours. Callers are answered after the commit, never before.

mod batch;
mod thread;

use std::sync::Arc;
use std::sync::mpsc;

use rusqlite::Connection;
use siskin_domain::Recorded;
use tokio::sync::{Semaphore, oneshot};

use super::SqliteOptions;
use crate::storage::commits::Commits;
use crate::storage::failures::Trouble;
use crate::storage::news::News;
use crate::storage::{Append, Appended, StoreError};

/// At most so many jobs wait; further callers wait for one of them to be answered.
pub(super) const WAITING: usize = 4096;

/// A small write; answers with a number of rows.
type Write = Box<dyn FnOnce(&Connection) -> Result<u64, StoreError> + Send>;
type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked to do.
enum Job {
    /// Append events; joins others in one transaction.
    Append(Box<Append>, Reply<Appended>),
    /// Add events as another store recorded them; joins others in one transaction.
    Restore(Vec<Recorded>, Reply<u64>),
    /// Write something beside the log; joins others in one transaction.
    Write(Write, Reply<u64>),
    /// Do something that makes its own transaction.
    Alone(Write, Reply<u64>),
    /// Flush and stop.
    Close(oneshot::Sender<()>),
}

/// The async side's handle of the writer.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    turns: Arc<Semaphore>,
    pub(super) news: Arc<News>,
}

impl Writer {
    /// Starts the thread on a connection whose schema is up to date.
    pub(super) fn start(
        options: SqliteOptions,
        conn: Connection,
        trouble: Arc<Trouble>,
    ) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel();
        let turns = Arc::new(Semaphore::new(WAITING));
        let news = Arc::new(News::from(super::log::end(&conn)?));
        let outside = thread::Outside {
            turns: turns.clone(),
            news: news.clone(),
            trouble,
            commits: Arc::new(Commits::new()),
        };
        let thread = thread::Thread::new(options, conn, queue, outside);
        std::thread::Builder::new()
            .name("siskin-writer".to_owned())
            .spawn(move || thread.run())
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { jobs, turns, news })
    }

    /// Appends, in a transaction with whatever else waits.
    pub(super) async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        self.ask(|reply| Job::Append(Box::new(append), reply)).await
    }

    /// Adds events as they are, in a transaction with whatever else waits; says how many.
    pub(super) async fn restore(&self, events: Vec<Recorded>) -> Result<u64, StoreError> {
        self.ask(|reply| Job::Restore(events, reply)).await
    }

    /// Writes, in a transaction with whatever else waits.
    pub(super) async fn write(
        &self,
        write: impl FnOnce(&Connection) -> Result<u64, StoreError> + Send + 'static,
    ) -> Result<u64, StoreError> {
        self.ask(|reply| Job::Write(Box::new(write), reply)).await
    }

    /// Does something on the writer's connection that makes its own transaction.
    pub(super) async fn alone(
        &self,
        work: impl FnOnce(&Connection) -> Result<u64, StoreError> + Send + 'static,
    ) -> Result<u64, StoreError> {
        self.ask(|reply| Job::Alone(Box::new(work), reply)).await
    }

    /// How many jobs wait or are being done.
    pub(super) fn waiting(&self) -> u64 {
        WAITING.saturating_sub(self.turns.available_permits()) as u64
    }

    /// Lets the writer finish what waits, flush, and stop.
    pub(super) async fn close(&self) {
        let (reply, done) = oneshot::channel();
        if self.jobs.send(Job::Close(reply)).is_ok() {
            let _ = done.await;
        }
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        // The writer gives the turn back when it answers, so that jobs whose callers went away
        // still count.
        self.turns.acquire().await.map_err(|_| stopped())?.forget();
        let (reply, answer) = oneshot::channel();
        if self.jobs.send(job(reply)).is_ok()
            && let Ok(answer) = answer.await
        {
            return answer;
        }
        self.turns.add_permits(1);
        Err(stopped())
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the writer has stopped".to_owned())
}
