//! One transaction for many jobs.

use std::time::Instant;

use rusqlite::Connection;
use siskin_domain::Recorded;

use super::super::append::{Added, append};
use super::super::archive::restore;
use super::thread::Thread;
use super::{Job, Reply, WAITING};
use crate::storage::{Appended, StoreError};

/// A job's reply, and what it will be once the transaction is committed.
enum Answer {
    Append(Reply<Appended>, Result<Appended, StoreError>),
    Write(Reply<u64>, Result<u64, StoreError>),
}

impl Answer {
    fn send(self) {
        // A caller who went away needs no answer.
        match self {
            Self::Append(reply, answer) => drop(reply.send(answer)),
            Self::Write(reply, answer) => drop(reply.send(answer)),
        }
    }

    /// The same for all, as nothing was committed.
    fn send_failure(self, error: &StoreError) {
        let error = match error {
            // What one of them met says nothing of the others.
            StoreError::Corrupt(_) => StoreError::Unavailable(error.to_string()),
            error => error.clone(),
        };
        match self {
            Self::Append(reply, _) => drop(reply.send(Err(error))),
            Self::Write(reply, _) => drop(reply.send(Err(error))),
        }
    }
}

impl Thread {
    /// Commits the jobs together, publishes, answers.
    pub(super) fn commit(&mut self, batch: &mut Vec<Job>) {
        let jobs = batch.len();
        if jobs == 0 {
            return;
        }
        let mut answers = Vec::with_capacity(jobs);
        match self.transact(batch, &mut answers) {
            Ok((events, erased)) => {
                if let Some(last) = events.last() {
                    self.known = last.position;
                    self.trouble.over();
                }
                if erased {
                    self.scrub_soon();
                }
                self.news.publish(events);
                answers.into_iter().for_each(Answer::send);
            }
            Err(error) => {
                tracing::warn!(%error, jobs, "could not commit");
                self.failed(&error, jobs);
                self.recover();
                answers.into_iter().for_each(|answer| answer.send_failure(&error));
            }
        }
        self.turns.add_permits(jobs);
        self.commits.waiting(WAITING.saturating_sub(self.turns.available_permits()));
    }

    /// Runs the jobs in one transaction. Whatever happens, each has its reply in `answers` then.
    fn transact(
        &mut self,
        batch: &mut Vec<Job>,
        answers: &mut Vec<Answer>,
    ) -> Result<(Vec<Recorded>, bool), StoreError> {
        let before = self.conn.total_changes();
        let begun = self.begin();
        let mut added = Added::after(self.known);
        let mut trouble = begun.err();
        for job in batch.drain(..) {
            match job {
                Job::Append(work, reply) => {
                    let done = run(&self.conn, &mut added, &mut trouble, |conn, added| {
                        append(conn, added, *work)
                    });
                    answers.push(Answer::Append(reply, done));
                }
                Job::Restore(events, reply) => {
                    let done = run(&self.conn, &mut added, &mut trouble, |conn, added| {
                        restore(conn, added, events)
                    });
                    answers.push(Answer::Write(reply, done));
                }
                Job::Write(work, reply) => {
                    let done = run(&self.conn, &mut added, &mut trouble, |conn, _| work(conn));
                    answers.push(Answer::Write(reply, done));
                }
                // The loop keeps these out of batches; their callers see a dropped reply.
                Job::Alone(..) | Job::Close(_) => {}
            }
        }
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        let flush = Instant::now();
        self.conn.prepare_cached("COMMIT")?.execute(())?;
        self.last = (answers.len(), flush.elapsed());
        // What changed nothing was not flushed, and says nothing of the disk.
        if self.conn.total_changes() != before {
            self.commits.done(answers.len(), added.events.len(), flush.elapsed());
        }
        Ok((added.events, added.erased))
    }

    /// Takes the write lock, then looks once more: from here on nobody else can write.
    fn begin(&mut self) -> Result<(), StoreError> {
        self.trouble.check_sound()?;
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
        self.try_look()
    }
}

/// Runs one job behind a savepoint. A refusal undoes the job; trouble ends the whole batch.
fn run<T>(
    conn: &Connection,
    added: &mut Added,
    trouble: &mut Option<StoreError>,
    work: impl FnOnce(&Connection, &mut Added) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    if trouble.is_some() {
        return Err(StoreError::Conflict);
    }
    let end = added.end;
    let step = |sql| -> Result<(), StoreError> {
        conn.prepare_cached(sql)?.execute(())?;
        Ok(())
    };
    if let Err(error) = step("SAVEPOINT job") {
        *trouble = Some(error);
        return Err(StoreError::Conflict);
    }
    let done = work(conn, added);
    let ended = match &done {
        Ok(_) => step("RELEASE job"),
        Err(StoreError::Conflict | StoreError::Taken(_) | StoreError::AuthorGone) => {
            added.truncate(end);
            step("ROLLBACK TO job").and_then(|()| step("RELEASE job"))
        }
        Err(error) => Err(error.clone()),
    };
    if let Err(error) = ended {
        *trouble = Some(error);
    }
    done
}
