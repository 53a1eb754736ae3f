//! The writer: one task through which all appends of this process go.
//!
//! Whatever waits is taken together and committed in one transaction, so that one confirmation by
//! a majority serves many callers, and so that the servers of one store meet seldom. Callers are
//! answered after the commit, never before.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use super::append;
use super::db::{Db, closed, too_slow};
use super::front::Front;
use super::posts::{self, Post};
use super::transaction::{Trouble, Tx, Work, transact};
use crate::storage::commits::Commits;
use crate::storage::{Append, Appended, StoreError};

/// At most so many appends wait; further callers wait for a place.
const WAITING: usize = 4096;
/// At most so many share a transaction.
const BATCH: usize = 256;

type Reply = oneshot::Sender<Result<Appended, StoreError>>;

enum Job {
    Append(Box<Append>, Reply),
    Close(oneshot::Sender<()>),
}

/// The handle of the writer.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    patience: Duration,
}

impl Writer {
    /// Starts the task; it ends when it is closed, or when its handle is gone.
    pub(super) fn start(db: Arc<Db>, front: Arc<Front>) -> Self {
        let (jobs, queue) = mpsc::channel(WAITING);
        let patience = db.patience;
        tokio::spawn(write_all(db, front, queue));
        Self { jobs, patience }
    }

    /// Appends, in a transaction with whatever else waits.
    pub(super) async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        let (reply, answer) = oneshot::channel();
        let asked = async {
            self.jobs.send(Job::Append(Box::new(append), reply)).await.map_err(|_| closed())?;
            answer.await.map_err(|_| closed())?
        };
        // The writer gives up at the same time, and skips whoever does not wait any more.
        tokio::time::timeout(self.patience, asked).await.unwrap_or_else(|_| Err(too_slow()))
    }

    /// How many appends wait.
    pub(super) fn waiting(&self) -> u64 {
        (self.jobs.max_capacity() - self.jobs.capacity()) as u64
    }

    /// Lets the writer finish what waits, and stop.
    pub(super) async fn close(&self) {
        let (reply, done) = oneshot::channel();
        if self.jobs.send(Job::Close(reply)).await.is_ok() {
            let _ = done.await;
        }
    }
}

async fn write_all(db: Arc<Db>, front: Arc<Front>, mut queue: mpsc::Receiver<Job>) {
    let commits = Commits::new();
    let mut waiting = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        let mut batch = Batch::default();
        let mut closing = None;
        for job in waiting.drain(..) {
            match job {
                // Whoever was told that it took too long must not find it done later.
                Job::Append(_, reply) if reply.is_closed() => {}
                Job::Append(append, reply) if closing.is_none() => {
                    batch.appends.push(*append);
                    batch.replies.push(reply);
                }
                Job::Append(_, reply) => drop(reply.send(Err(closed()))),
                Job::Close(reply) => closing = Some(reply),
            }
        }
        commit(&db, &front, &commits, batch).await;
        commits.waiting(queue.len());
        if let Some(reply) = closing {
            // Whoever still waits is answered before the one who closes: replies are dropped.
            drop(queue);
            let _ = reply.send(());
            return;
        }
    }
}

async fn commit(db: &Db, front: &Front, commits: &Commits, mut batch: Batch) {
    let replies = std::mem::take(&mut batch.replies);
    if replies.is_empty() {
        return;
    }
    let begun = Instant::now();
    let deadline = begun + db.patience;
    match transact(db, deadline, &mut batch).await {
        Ok((answers, events)) => {
            commits.done(replies.len(), events.len(), begun.elapsed());
            front.publish(db, events).await;
            for (reply, answer) in replies.into_iter().zip(answers) {
                // A caller who went away needs no answer.
                let _ = reply.send(answer);
            }
        }
        Err(error) => {
            tracing::warn!(%error, appends = replies.len(), "could not commit");
            commits.failed(replies.len(), &error);
            for reply in replies {
                let _ = reply.send(Err(again(&error)));
            }
        }
    }
}

/// The same error for everybody, as nothing was committed.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Conflict => StoreError::Conflict,
        StoreError::Corrupt(_) | StoreError::DiskFull(_) => error.clone(),
        other => StoreError::Unavailable(other.to_string()),
    }
}

/// Appends that share a transaction.
#[derive(Default)]
struct Batch {
    appends: Vec<Append>,
    replies: Vec<Reply>,
}

#[async_trait]
impl Work for Batch {
    type Done = Vec<Result<Appended, StoreError>>;

    async fn run(&mut self, tx: &mut Tx<'_>) -> Result<Self::Done, Trouble> {
        let mut answers = Vec::with_capacity(self.appends.len());
        let mut rest = self.appends.as_slice();
        while let Some(first) = rest.first() {
            let row: Vec<Post<'_>> = rest.iter().map_while(Post::of).collect();
            if row.is_empty() {
                answers.push(one(tx, first).await?);
                rest = &rest[1..];
            } else {
                answers.extend(posts::post_all(tx, &row).await?);
                rest = &rest[row.len()..];
            }
        }
        Ok(answers)
    }
}

/// One append among others: what refuses it is its own affair, all other trouble is everybody's.
async fn one(tx: &mut Tx<'_>, append: &Append) -> Result<Result<Appended, StoreError>, Trouble> {
    match append::check(tx, append).await {
        Ok(version) => append::apply(tx, append, version).await.map(Ok),
        Err(Trouble::Refused(refusal)) => Ok(Err(refusal)),
        Err(trouble @ Trouble::Driver(_)) => Err(trouble),
    }
}
