//! The threads that hash: of the lowest priority, so that a flood of log-ins takes from others no
//! more than the time that they leave over; each keeps its memory for as long as there is much to do.

use std::time::Duration;

use argon2::Block;
use crossbeam_channel::{Receiver, RecvError, RecvTimeoutError, Sender};
use tokio::sync::oneshot;

/// How nice they are: next to somebody who wants a whole core, such a thread gets 1.5 % of it on
/// Linux; alone, all of it.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 19;

/// How long an idle thread keeps its memory for the next job.
const KEEP_FOR: Duration = Duration::from_millis(500);

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// Some threads and what they have to do. They end when this is dropped.
pub(super) struct Pool {
    jobs: Sender<Job>,
}

/// What a thread computes in. Clearing 19 MiB for each hash costs the system a tenth of what the
/// hash does, so a thread that has more to do keeps them.
#[derive(Default)]
pub(super) struct Memory {
    blocks: Vec<Block>,
}

impl Memory {
    /// So many blocks of 1 KiB, with whatever was left in them: argon2 fills each before it reads it.
    pub(super) fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.blocks.len() < count {
            self.blocks.resize(count, Block::default());
        }
        &mut self.blocks[..count]
    }

    fn is_kept(&self) -> bool {
        !self.blocks.is_empty()
    }
}

impl Pool {
    /// Starts so many threads.
    pub(super) fn start(threads: usize) -> Self {
        let (jobs, queue) = crossbeam_channel::unbounded::<Job>();
        for _ in 0..threads {
            let queue = queue.clone();
            let thread = std::thread::Builder::new().name("siskin-hash".to_owned());
            let started = thread.spawn(move || {
                be_nice();
                work(&queue);
            });
            if let Err(error) = started {
                tracing::error!(%error, "a thread for hashing could not be started");
            }
        }
        Self { jobs }
    }

    /// Does this on one of the threads; `None` if there is none any more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move |memory: &mut Memory| {
            // Nothing is done for whoever has gone away.
            if !reply.is_closed() {
                drop(reply.send(work(memory)));
            }
        });
        self.jobs.send(job).ok()?;
        answer.await.ok()
    }
}

fn work(queue: &Receiver<Job>) {
    let mut memory = Memory::default();
    while let Ok(job) = next(queue, &mut memory) {
        // Whoever asked is told by the reply that is dropped; the thread goes on.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut memory)));
    }
}

/// Waits for a job, and gives the memory back when none comes soon.
fn next(queue: &Receiver<Job>, memory: &mut Memory) -> Result<Job, RecvError> {
    if memory.is_kept() {
        match queue.recv_timeout(KEEP_FOR) {
            Ok(job) => return Ok(job),
            Err(RecvTimeoutError::Disconnected) => return Err(RecvError),
            Err(RecvTimeoutError::Timeout) => *memory = Memory::default(),
        }
    }
    queue.recv()
}

fn be_nice() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::warn!(%error, "threads for hashing have the same priority as all others");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_and_more_of_it_at_once_than_there_are_threads() {
        let pool = Pool::start(2);
        let all = (0..20).map(|n| pool.run(move |_| n * n));
        let all: Vec<_> = futures::future::join_all(all).await;
        assert_eq!(all, (0..20).map(|n| Some(n * n)).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_panic_takes_one_job_with_it_and_no_thread() {
        let pool = Pool::start(1);
        assert_eq!(pool.run(|_| -> u8 { panic!("on purpose") }).await, None);
        assert_eq!(pool.run(|_| 1).await, Some(1));
    }

    #[test]
    fn memory_is_kept_while_there_is_work_and_given_back_after_it() {
        let (jobs, queue) = crossbeam_channel::unbounded::<Job>();
        let mut memory = Memory::default();
        assert_eq!(memory.blocks(4).len(), 4);
        let send = || jobs.send(Box::new(|_| ())).unwrap();
        send();
        assert!(next(&queue, &mut memory).is_ok());
        assert!(memory.is_kept());
        // A machine that stops us for longer than the pause lets the job come first: then once more.
        for pause in [2, 4, 8, 16].map(|times| KEEP_FOR * times) {
            let later = std::thread::spawn({
                let jobs = jobs.clone();
                move || {
                    std::thread::sleep(pause);
                    jobs.send(Box::new(|_| ())).unwrap();
                }
            });
            assert!(next(&queue, &mut memory).is_ok());
            later.join().unwrap();
            if !memory.is_kept() {
                return;
            }
        }
        panic!("it was never given back");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_threads_are_nice_and_nobody_else_is() {
        let niceness = || rustix::process::nice(0).unwrap();
        let before = niceness();
        let theirs = Pool::start(1).run(move |_| niceness()).await.unwrap();
        assert_eq!(theirs, (before + NICENESS).min(19));
        assert_eq!(niceness(), before);
    }
}
