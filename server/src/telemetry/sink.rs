//! Where log lines go: a buffer that one thread empties to standard output.
//!
//! Whoever logs copies a line and goes on; nobody waits for a pipe that is read slowly. What does
//! not fit into the buffer is lost and counted, and the count is logged as soon as there is room.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// So many bytes may wait: some 30,000 lines.
const MOST: usize = 8 * 1024 * 1024;
/// How long the thread sleeps after it has written, so that under load it wakes up seldom.
const LINGER: Duration = Duration::from_millis(5);
/// How long the end waits for a reader that does not read.
const PATIENCE: Duration = Duration::from_secs(1);

/// Takes log lines. Clones share their buffer.
#[derive(Clone, Default)]
pub(super) struct Sink {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// There is something to do for the thread.
    work: Condvar,
    /// The thread has ended.
    done: Condvar,
    lost: AtomicU64,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// The thread waits to be woken up.
    asleep: bool,
    closing: bool,
    ended: bool,
}

impl Sink {
    /// A buffer and the thread that empties it. `lost` makes a line that says how many were lost.
    ///
    /// # Errors
    /// If there can be no more threads.
    pub(super) fn start(
        out: impl Write + Send + 'static,
        lost: fn(u64, &mut Vec<u8>),
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let sink = Self::default();
        let shared = Arc::clone(&sink.shared);
        let thread = std::thread::Builder::new().name("siskin-log".to_owned());
        let thread = thread.spawn(move || shared.write_all(out, lost))?;
        Ok((sink, thread))
    }

    /// Takes a line, which ends with a newline.
    pub(super) fn push(&self, line: &[u8]) {
        let shared = &*self.shared;
        let mut state = shared.state.lock();
        if state.waiting.len() + line.len() > MOST {
            drop(state);
            shared.lost.fetch_add(1, Ordering::Relaxed);
            metrics::counter!("siskin_log_lines_lost_total").increment(1);
            return;
        }
        state.waiting.extend_from_slice(line);
        let wake = std::mem::replace(&mut state.asleep, false);
        drop(state);
        if wake {
            shared.work.notify_one();
        }
    }

    /// Waits until everything is written, for a while.
    pub(super) fn finish(&self) {
        let mut state = self.shared.state.lock();
        state.closing = true;
        self.shared.work.notify_one();
        self.shared.done.wait_while_for(&mut state, |state| !state.ended, PATIENCE);
    }
}

impl Shared {
    fn write_all(&self, mut out: impl Write, lost: fn(u64, &mut Vec<u8>)) {
        let mut lines = Vec::new();
        loop {
            let closing = self.take(&mut lines);
            let gone = self.lost.swap(0, Ordering::Relaxed);
            if gone > 0 {
                lost(gone, &mut lines);
            }
            if lines.is_empty() {
                break;
            }
            // Whoever closed standard output wants no lines.
            let _ = out.write_all(&lines).and_then(|()| out.flush());
            lines.clear();
            if !closing {
                let mut state = self.state.lock();
                self.work.wait_while_for(&mut state, |state| !state.closing, LINGER);
            }
        }
        self.state.lock().ended = true;
        self.done.notify_all();
    }

    /// Waits for lines and takes all of them. Says whether no more will come.
    fn take(&self, lines: &mut Vec<u8>) -> bool {
        let mut state = self.state.lock();
        while state.waiting.is_empty() && !state.closing {
            state.asleep = true;
            self.work.wait(&mut state);
        }
        std::mem::swap(&mut state.waiting, lines);
        state.closing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// Writes when it is allowed to.
    struct Slow {
        turns: mpsc::Receiver<()>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let _ = self.turns.recv();
            self.written.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn say(lost: u64, lines: &mut Vec<u8>) {
        lines.extend_from_slice(format!("lost {lost}\n").as_bytes());
    }

    fn slow() -> (Sink, mpsc::Sender<()>, Arc<Mutex<Vec<u8>>>) {
        let (turn, turns) = mpsc::channel();
        let written = Arc::default();
        let slow = Slow { turns, written: Arc::clone(&written) };
        (Sink::start(slow, say).unwrap().0, turn, written)
    }

    #[test]
    fn lines_arrive_whole_and_in_order() {
        let (sink, turn, written) = slow();
        drop(turn);
        let expected: String = (0..1000).map(|n| format!("line {n}\n")).collect();
        expected.split_inclusive('\n').for_each(|line| sink.push(line.as_bytes()));
        sink.finish();
        assert_eq!(String::from_utf8(written.lock().clone()).unwrap(), expected);
    }

    #[test]
    fn nobody_waits_for_a_reader_and_what_is_lost_is_counted() {
        let (sink, turn, written) = slow();
        let line = [b"x".repeat(1023), b"\n".to_vec()].concat();
        let pushed = 3 * MOST / line.len();
        (0..pushed).for_each(|_| sink.push(&line));
        drop(turn);
        sink.finish();
        let text = String::from_utf8(written.lock().clone()).unwrap();
        let lost: Vec<usize> =
            text.lines().filter_map(|line| line.strip_prefix("lost ")?.parse().ok()).collect();
        let kept = text.lines().filter(|line| line.starts_with('x')).count();
        assert!(lost.iter().sum::<usize>() >= pushed / 4, "{lost:?}");
        assert_eq!(kept + lost.iter().sum::<usize>(), pushed);
    }
}
