//! Reading a whole log for whatever should not be there: `siskin events verify`.
//!
//! * `order`: positions, versions, times, and whether an event can be read at all.
//! * `people`, `things`: whether events can follow each other, and speak of who and what was there.
//! * `words`: what was erased, and only that.
//! * `beside`: password hashes and proofs of people who are there.
//!
//! It holds some hundred bytes for each stream. Servers may write meanwhile.

mod beside;
mod order;
mod people;
mod things;
mod words;

use siskin_domain::{Event, Position, Recorded, StreamId, Timestamp};

use self::order::Order;
use self::people::People;
use self::things::Things;
use self::words::Words;
use crate::storage::{Store, StoreError};

/// So many events are read at once.
const CHUNK: usize = 1000;
/// So many findings are kept in words; more are counted.
const MOST: usize = 1000;

/// What was looked at, and what was found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Events that could be read.
    pub events: u64,
    /// The position of the last one.
    pub position: Position,
    /// Histories that they belong to.
    pub streams: u64,
    /// People who are there, or were.
    pub people: u64,
    /// Tweets that are there, or were.
    pub tweets: u64,
    /// Reports.
    pub reports: u64,
    /// Password hashes.
    pub credentials: u64,
    /// Proofs that last.
    pub proofs: u64,
    /// What should not be, one sentence each.
    pub findings: Vec<String>,
    /// How many more findings there are.
    pub more: u64,
}

impl Report {
    fn find(&mut self, finding: String) {
        if self.findings.len() < MOST {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }
}

/// Looks at a store's log from end to end.
///
/// # Errors
/// If the store can't be read.
pub async fn verify(store: &dyn Store, now: Timestamp) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let mut order = Order::at(now);
    let (mut people, mut things, mut words) =
        (People::default(), Things::default(), Words::default());
    let mut at = Position(0);
    loop {
        let page = store.read_each(at, CHUNK).await?;
        for read in &page {
            at = read.as_ref().map_or_else(|unread| unread.position, |read| read.position);
            order.read(read, &mut report);
            let Ok(recorded) = read else { continue };
            report.events += 1;
            words.note(recorded);
            if let Some(what) = follows(recorded, &mut people, &mut things) {
                report.find(format!("position {at}: {what}"));
            }
            if let Some(actor) = recorded.actor
                && !people.known(actor)
            {
                report.find(format!("position {at}: its actor {actor} was never there"));
            }
        }
        if page.is_empty() {
            break;
        }
    }
    report.position = at;
    report.streams = order.streams();
    report.people = people.count();
    (report.tweets, report.reports) = things.counts();
    words.verify(store, &people, &things, &mut report).await?;
    beside::verify(store, &people, &mut report).await?;
    Ok(report)
}

/// Folds an event; says in words why it can't be where it is.
fn follows(recorded: &Recorded, people: &mut People, things: &mut Things) -> Option<String> {
    match (&recorded.event, recorded.stream) {
        (Event::User(event), StreamId::User(id)) => people.event(id, event),
        (Event::User(siskin_domain::user::UserEvent::LoggedIn), StreamId::Logins(id)) => {
            (!people.known(id)).then(|| "a log-in of somebody who was never there".to_owned())
        }
        (Event::Tweet(event), StreamId::Tweet(id)) => things.tweet(id, event, people),
        (Event::Moderation(event), StreamId::Moderation(id)) => people.moderated(id, event),
        (Event::Report(event), StreamId::Report(id)) => things.report(id, event, people),
        (event, stream) => Some(format!("a {} in the stream {stream}", event.kind())),
    }
}
