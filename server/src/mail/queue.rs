//! Letters on their way: so many at most, tried again for most of an hour, in memory only.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use metrics::Gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::application::{Letter, Outbox, OutboxFull};

/// So many letters may wait.
const MOST: u32 = 1000;
/// So many are carried at once.
const AT_ONCE: usize = 4;
/// What a letter waits after each failure. In all less than the shortest link lives.
const WAITS: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
    Duration::from_secs(1800),
];

/// A letter did not arrive. `why` names no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    why: String,
    for_good: bool,
}

impl Failure {
    /// It may arrive later.
    pub fn later(why: impl Into<String>) -> Self {
        Self { why: why.into(), for_good: false }
    }

    /// It never will.
    pub fn never(why: impl Into<String>) -> Self {
        Self { why: why.into(), for_good: true }
    }
}

/// Brings a letter to a mail server.
#[async_trait]
pub trait Carrier: Send + Sync + 'static {
    /// Tries once.
    ///
    /// # Errors
    /// [`Failure`].
    async fn carry(&self, letter: &Letter) -> Result<(), Failure>;
}

/// An outbox in memory: a letter that waits when the server ends is lost, and asked for again.
pub struct Queue {
    carrier: Arc<dyn Carrier>,
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    waits: &'static [Duration],
    waiting: Gauge,
}

/// A letter's place; given back when dropped.
struct Place {
    _permit: OwnedSemaphorePermit,
    waiting: Gauge,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.waiting.decrement(1);
    }
}

impl Queue {
    /// An empty outbox.
    #[must_use]
    pub fn new(carrier: Arc<dyn Carrier>) -> Self {
        Self::with_waits(carrier, &WAITS)
    }

    /// The same with other waits.
    #[must_use]
    pub fn with_waits(carrier: Arc<dyn Carrier>, waits: &'static [Duration]) -> Self {
        let places = Arc::new(Semaphore::new(MOST as usize));
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let waiting = metrics::gauge!("siskin_mail_queue");
        Self { carrier, places, turns, waits, waiting }
    }

    /// Waits until no letter is left, so long at most.
    pub async fn drain(&self, patience: Duration) {
        let empty = self.places.acquire_many(MOST);
        if tokio::time::timeout(patience, empty).await.is_err() {
            let left = MOST as usize - self.places.available_permits();
            tracing::warn!(left, "mails were not delivered before the server stopped");
        }
    }
}

impl Outbox for Queue {
    fn post(&self, letter: Letter) -> Result<(), OutboxFull> {
        let permit = self.places.clone().try_acquire_owned().map_err(|_| OutboxFull)?;
        self.waiting.increment(1);
        let place = Place { _permit: permit, waiting: self.waiting.clone() };
        let (carrier, turns) = (self.carrier.clone(), self.turns.clone());
        tokio::spawn(deliver(carrier, turns, self.waits, letter, place));
        Ok(())
    }

    fn waiting(&self) -> usize {
        MOST as usize - self.places.available_permits()
    }
}

async fn deliver(
    carrier: Arc<dyn Carrier>,
    turns: Arc<Semaphore>,
    waits: &'static [Duration],
    letter: Letter,
    _place: Place,
) {
    let mut waits = waits.iter();
    loop {
        let done = {
            let Ok(_turn) = turns.acquire().await else { return };
            carrier.carry(&letter).await
        };
        let Err(failure) = done else {
            metrics::counter!("siskin_mails_total", "outcome" => "sent").increment(1);
            return;
        };
        match waits.next() {
            Some(wait) if !failure.for_good => {
                let next_s = wait.as_secs();
                tracing::warn!(why = failure.why, next_s, "a mail is tried again later");
                tokio::time::sleep(*wait).await;
            }
            _ => {
                metrics::counter!("siskin_mails_total", "outcome" => "lost").increment(1);
                tracing::error!(why = failure.why, "a mail could not be delivered");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;
    use siskin_domain::Email;

    /// Does what it is told, one thing after another, and notes when it was asked.
    struct Told {
        outcomes: Mutex<Vec<Result<(), Failure>>>,
        asked: Mutex<Vec<tokio::time::Instant>>,
    }

    #[async_trait]
    impl Carrier for Told {
        async fn carry(&self, _: &Letter) -> Result<(), Failure> {
            self.asked.lock().push(tokio::time::Instant::now());
            self.outcomes.lock().pop().unwrap_or_else(|| Err(Failure::later("down")))
        }
    }

    fn queue(mut outcomes: Vec<Result<(), Failure>>) -> (Queue, Arc<Told>) {
        outcomes.reverse();
        let (outcomes, asked) = (Mutex::new(outcomes), Mutex::default());
        let told = Arc::new(Told { outcomes, asked });
        (Queue::new(told.clone()), told)
    }
    fn letter() -> Letter {
        let to = Email::parse("ana@example.org").unwrap();
        Letter { to, subject: String::new(), text: String::new(), html: String::new() }
    }
    async fn attempts(outcomes: Vec<Result<(), Failure>>) -> usize {
        let (queue, told) = queue(outcomes);
        queue.post(letter()).unwrap();
        queue.drain(Duration::from_secs(24 * 3600)).await;
        assert_eq!(queue.places.available_permits(), MOST as usize);
        let asked = told.asked.lock();
        asked.len()
    }

    #[tokio::test(start_paused = true)]
    async fn a_letter_is_tried_until_it_arrives() {
        assert_eq!(attempts(vec![Ok(())]).await, 1);
        let down = || Err(Failure::later("down"));
        assert_eq!(attempts(vec![down(), down(), Ok(())]).await, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_letter_that_is_refused_for_good_is_not_tried_again() {
        assert_eq!(attempts(vec![Err(Failure::never("no such person"))]).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_letter_is_given_up_before_its_link_has_expired() {
        let begun = tokio::time::Instant::now();
        assert_eq!(attempts(Vec::new()).await, WAITS.len() + 1);
        assert!(begun.elapsed() < Duration::from_secs(3600), "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_outbox_says_so_and_empties_again() {
        let (queue, _) = queue(Vec::new());
        for _ in 0..MOST {
            queue.post(letter()).unwrap();
        }
        assert_eq!(queue.post(letter()), Err(OutboxFull));
        queue.drain(Duration::from_secs(24 * 3600)).await;
        assert_eq!(queue.post(letter()), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_waits_holds_up_no_other() {
        let (queue, told) = queue(vec![Err(Failure::later("greylisted")), Ok(())]);
        queue.post(letter()).unwrap();
        queue.post(letter()).unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(told.asked.lock().len(), 2);
    }
}
