//! The threads that hash: of the lowest priority, so that a flood of log-ins takes from others no
//! more than the time that they leave over.

use std::sync::{Arc, mpsc};

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// How nice they are: next to somebody who wants a whole core, such a thread gets 1.5 % of it on
/// Linux; alone, all of it.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 19;

type Job = Box<dyn FnOnce() + Send>;

/// Some threads and what they have to do. They end when this is dropped.
pub(super) struct Pool {
    jobs: mpsc::Sender<Job>,
}

impl Pool {
    /// Starts so many threads.
    pub(super) fn start(threads: usize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let queue = Arc::clone(&queue);
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
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move || drop(reply.send(work())));
        self.jobs.send(job).ok()?;
        answer.await.ok()
    }
}

fn work(queue: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        // The lock is held while one waits, and given up before the work.
        let Ok(job) = queue.lock().recv() else { return };
        // Whoever asked is told by the reply that is dropped; the thread goes on.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
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
        let all = (0..20).map(|n| pool.run(move || n * n));
        let all: Vec<_> = futures::future::join_all(all).await;
        assert_eq!(all, (0..20).map(|n| Some(n * n)).collect::<Vec<_>>());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_threads_are_nice_and_nobody_else_is() {
        let niceness = || rustix::process::nice(0).unwrap();
        let before = niceness();
        let theirs = Pool::start(1).run(niceness).await.unwrap();
        assert_eq!(theirs, (before + NICENESS).min(19));
        assert_eq!(niceness(), before);
    }
}
