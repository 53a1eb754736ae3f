//! The writer's loop: take what waits, commit it, look around, tidy up.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use siskin_domain::Position;
use tokio::sync::{Semaphore, oneshot};

use super::super::{SqliteOptions, damage, log};
use super::Job;
use crate::storage::StoreError;
use crate::storage::commits::Commits;
use crate::storage::failures::Trouble;
use crate::storage::news::News;

/// At most so many jobs share a transaction.
const BATCH: usize = 256;
/// The longest that a batch waits to be as large as the last one was.
const LINGER: Duration = Duration::from_millis(1);
/// How often an idle writer looks for what another process wrote.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How soon erased text leaves the write-ahead log.
const SCRUB_AFTER: Duration = Duration::from_millis(100);
/// How soon that is tried again while readers prevent it.
const SCRUB_AGAIN: Duration = Duration::from_secs(1);
/// How long a scrub may wait for readers, while callers wait for it.
const SCRUB_WAIT: Duration = Duration::from_millis(50);
/// How often it is tried whether a disk that could not be written can be again.
const TRY_EVERY: Duration = Duration::from_millis(200);
/// So many events of another process are read at once.
const CHUNK: usize = 1000;

/// What the thread shares with others.
pub(super) struct Outside {
    pub(super) turns: Arc<Semaphore>,
    pub(super) news: Arc<News>,
    pub(super) trouble: Arc<Trouble>,
    pub(super) commits: Arc<Commits>,
}

pub(super) struct Thread {
    options: SqliteOptions,
    pub(super) conn: Connection,
    queue: Receiver<Job>,
    pub(super) turns: Arc<Semaphore>,
    pub(super) news: Arc<News>,
    pub(super) commits: Arc<Commits>,
    pub(super) trouble: Arc<Trouble>,
    /// When it is tried whether the disk can be written again.
    try_at: Instant,
    /// The end of the log, as far as it was published.
    pub(super) known: Position,
    /// SQLite's mark that changes when another connection commits.
    seen: Option<i64>,
    /// How many jobs the last transaction had, and how long its flush took.
    pub(super) last: (usize, Duration),
    /// When the write-ahead log is to be emptied, if something erased is in it.
    pub(super) scrub_at: Option<Instant>,
}

impl Thread {
    pub(super) fn new(
        options: SqliteOptions,
        conn: Connection,
        queue: Receiver<Job>,
        outside: Outside,
    ) -> Self {
        let Outside { turns, news, trouble, commits } = outside;
        let known = news.position();
        Self {
            options,
            conn,
            queue,
            turns,
            news,
            commits,
            trouble,
            try_at: Instant::now(),
            known,
            seen: None,
            last: (0, Duration::ZERO),
            scrub_at: None,
        }
    }

    pub(super) fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        let closing = loop {
            match self.queue.recv_timeout(self.patience()) {
                Ok(job) => {
                    if let Some(reply) = self.serve(&mut batch, job) {
                        break Some(reply);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.look(),
                Err(RecvTimeoutError::Disconnected) => break None,
            }
            self.scrub_if_due();
            self.try_if_due();
        };
        self.finish(closing);
    }

    /// How long to wait for a job before looking around.
    fn patience(&self) -> Duration {
        let patience = match self.scrub_at {
            Some(at) => at.saturating_duration_since(Instant::now()).min(LOOK_EVERY),
            None => LOOK_EVERY,
        };
        if self.trouble.may_pass() { patience.min(TRY_EVERY) } else { patience }
    }

    /// Serves a job and those that wait behind it. Returns the reply that a `Close` wants.
    fn serve(&mut self, batch: &mut Vec<Job>, first: Job) -> Option<oneshot::Sender<()>> {
        let mut next = Some(first);
        while let Some(job) = next.take() {
            match job {
                Job::Append(..) | Job::Restore(..) | Job::Write(..) => {
                    batch.push(job);
                    if batch.len() < BATCH {
                        next = self.queue.try_recv().ok().or_else(|| self.linger(batch.len()));
                    }
                }
                Job::Alone(work, reply) => {
                    self.commit(batch);
                    let done = self.alone(|conn| work(conn));
                    let _ = reply.send(done);
                    self.turns.add_permits(1);
                }
                Job::Close(reply) => {
                    self.commit(batch);
                    return Some(reply);
                }
            }
        }
        self.commit(batch);
        None
    }

    /// Waits a moment if there were more callers a moment ago: they are on their way back, and
    /// would else need a flush of their own. The wait is short beside that flush.
    fn linger(&mut self, jobs: usize) -> Option<Job> {
        let (expected, flush) = std::mem::take(&mut self.last);
        if jobs >= expected {
            return None;
        }
        std::thread::sleep((flush / 4).min(LINGER));
        self.queue.try_recv().ok()
    }

    /// Work with a transaction of its own; it may have changed anything.
    fn alone(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<u64, StoreError>,
    ) -> Result<u64, StoreError> {
        let done = self.trouble.check_sound().and_then(|()| work(&self.conn));
        if let Err(error) = &done {
            self.failed(error, 1);
            self.recover();
        }
        self.news.renew();
        done
    }

    /// Publishes what another process has committed, if it has.
    fn look(&mut self) {
        if let Err(error) = self.try_look() {
            tracing::error!(%error, "could not read what another process wrote");
        }
    }

    pub(super) fn try_look(&mut self) -> Result<(), StoreError> {
        let mut select = self.conn.prepare_cached("PRAGMA data_version")?;
        let mark: i64 = select.query_row((), |row| row.get(0))?;
        drop(select);
        if self.seen == Some(mark) {
            return Ok(());
        }
        loop {
            let events = match log::read_all(&self.conn, self.known, CHUNK) {
                // A newer version's event: it can't be shown, but must not stop the writer.
                Err(StoreError::Corrupt(_)) => {
                    let each = log::read_each(&self.conn, self.known, CHUNK)?;
                    if self.news.publish_readable(each) {
                        self.known = self.news.position();
                        continue;
                    }
                    // Nothing that follows, so something is missing: `events verify` tells what.
                    self.known = log::end(&self.conn)?;
                    break;
                }
                events => events?,
            };
            let Some(last) = events.last() else { break };
            self.known = last.position;
            self.news.publish(events);
        }
        // Rows may have changed without an event, by a rebuild.
        if self.seen.is_some() {
            self.news.renew();
        }
        self.seen = Some(mark);
        Ok(())
    }

    /// After trouble: ends a transaction that is still open, and opens the file anew.
    pub(super) fn recover(&mut self) {
        if !self.conn.is_autocommit() {
            let _ = self.conn.execute_batch("ROLLBACK");
        }
        match self.options.writer() {
            Ok(conn) => {
                self.conn = conn;
                self.seen = None;
            }
            Err(error) => tracing::error!(%error, "could not open the database again"),
        }
    }

    /// Notes why writes were not done.
    pub(super) fn failed(&mut self, error: &StoreError, writes: usize) {
        self.commits.failed(writes, error);
        self.trouble.met(error);
        self.try_at = Instant::now() + TRY_EVERY;
    }

    /// While nothing can be written: tries whether that has passed.
    ///
    /// This also writes over what a commit has left in the write-ahead log whose flush failed: nothing
    /// of it can come back.
    fn try_if_due(&mut self) {
        if !self.trouble.may_pass() || self.try_at > Instant::now() {
            return;
        }
        self.try_at = Instant::now() + TRY_EVERY;
        if self.trouble.is_suspected() {
            damage::look_beside(&self.options, &self.trouble);
            return;
        }
        match self.try_to_write() {
            Ok(()) => self.trouble.over(),
            Err(error) => {
                tracing::debug!(%error, "the disk still can't be written");
                self.trouble.met(&error);
                self.recover();
            }
        }
    }

    /// A small commit that changes nothing: a page is written that is as it was.
    fn try_to_write(&self) -> Result<(), StoreError> {
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        let version: i64 = self.conn.query_row("PRAGMA user_version", (), |row| row.get(0))?;
        self.conn.pragma_update(None, "user_version", version)?;
        self.conn.execute_batch("COMMIT")?;
        Ok(())
    }

    /// Empties the write-ahead log once something was erased that it still holds.
    fn scrub_if_due(&mut self) {
        if self.scrub_at.is_none_or(|at| at > Instant::now()) {
            return;
        }
        self.scrub_at = match self.checkpoint() {
            Ok(true) => None,
            // A reader still uses it.
            Ok(false) => Some(Instant::now() + SCRUB_AGAIN),
            Err(error) => {
                tracing::warn!(%error, "could not empty the write-ahead log");
                Some(Instant::now() + SCRUB_AGAIN)
            }
        };
    }

    /// Notes that something was erased.
    pub(super) fn scrub_soon(&mut self) {
        self.scrub_at.get_or_insert_with(|| Instant::now() + SCRUB_AFTER);
    }

    fn checkpoint(&self) -> Result<bool, StoreError> {
        self.conn.busy_timeout(SCRUB_WAIT)?;
        let busy =
            self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get::<_, i64>(0));
        self.conn.busy_timeout(self.options.busy_timeout)?;
        Ok(busy? == 0)
    }

    fn finish(self, closing: Option<oneshot::Sender<()>>) {
        if let Err(error) = self.checkpoint() {
            tracing::warn!(%error, "could not empty the write-ahead log at the end");
        }
        // Whoever still waits is answered before the one who closes: their replies are dropped.
        let Self { queue, conn, .. } = self;
        drop((queue, conn));
        if let Some(reply) = closing {
            let _ = reply.send(());
        }
    }
}
