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

/// What is left of a caller's patience for the answer, once the transaction has used the rest up.
const ANSWERING: Duration = Duration::from_millis(200);
/// Whoever has so little of their patience left when their turn comes is refused: a transaction that
/// ends in time for them would hardly end, and takes others along.
const TOO_SHORT: Duration = Duration::from_millis(800);

type Reply = oneshot::Sender<Result<Appended, StoreError>>;

enum Job {
    /// What to append, since when the caller waits, and where the answer goes.
    Append(Box<Append>, Instant, Reply),
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
        let since = Instant::now();
        let (reply, answer) = oneshot::channel();
        let asked = async {
            let job = Job::Append(Box::new(append), since, reply);
            self.jobs.send(job).await.map_err(|_| closed())?;
            answer.await.map_err(|_| closed())?
        };
        // The writer gives up a little earlier, and skips whoever does not wait any more.
        let answered = tokio::time::timeout(self.patience + ANSWERING, asked).await;
        answered.unwrap_or_else(|_| Err(too_slow()))
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
                Job::Append(_, _, reply) if reply.is_closed() => {}
                Job::Append(_, since, reply)
                    if since.elapsed() > db.patience.saturating_sub(TOO_SHORT) =>
                {
                    let _ = reply.send(Err(too_slow()));
                }
                Job::Append(append, since, reply) if closing.is_none() => {
                    batch.appends.push(*append);
                    batch.replies.push(reply);
                    batch.since = Some(batch.since.map_or(since, |first| first.min(since)));
                }
                Job::Append(_, _, reply) => drop(reply.send(Err(closed()))),
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
    let Some(since) = batch.since else { return };
    let begun = Instant::now();
    // Nothing is committed any more when the first of them is told that it took too long.
    let deadline = since + db.patience;
    match transact(db, deadline, &mut batch).await {
        Ok((answers, events)) => {
            commits.done(replies.len(), events.len(), begun.elapsed());
            let shown = deadline + ANSWERING / 2;
            if tokio::time::timeout_at(shown.into(), front.publish(db, events)).await.is_err() {
                // The follower shows it later; queries find it from now on.
                front.renew();
            }
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
    /// Since when the first of the callers has waited.
    since: Option<Instant>,
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
