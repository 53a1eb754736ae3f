//! Documents made from the log.

use std::collections::HashMap;

use siskin_domain::moderation::Standing;
use siskin_domain::tweet::TweetEvent;
use siskin_domain::{Event, StreamId};

use super::super::documents::{EventDoc, ReportDoc, StandingDoc, TweetDoc, UserDoc, long};
use super::super::projection;
use crate::storage::StoreError;

/// Documents by their ids; `None` for what was there once.
pub(super) type Documents<T> = HashMap<i64, Option<T>>;

/// Documents of every kind.
#[derive(Default)]
pub(super) struct All {
    pub(super) users: Documents<UserDoc>,
    pub(super) tweets: Documents<TweetDoc>,
    pub(super) reports: Documents<ReportDoc>,
}

/// Documents that are being made from events that come stream by stream.
#[derive(Default)]
pub(super) struct Made {
    whole: All,
    /// Measures in force, of users whose own streams are still to come: `moderation-N` is before
    /// `user-N`.
    standings: HashMap<i64, Standing>,
    /// The events of the stream that is not known to be whole.
    last: Vec<EventDoc>,
}

impl Made {
    /// Takes an event; the streams before its own are whole.
    pub(super) fn add(&mut self, event: EventDoc) -> Result<(), StoreError> {
        if self.last.first().is_some_and(|last| last.stream != event.stream) {
            self.finish()?;
        }
        self.last.push(event);
        Ok(())
    }

    /// How many documents are whole.
    pub(super) fn whole(&self) -> usize {
        let All { users, tweets, reports } = &self.whole;
        users.len() + tweets.len() + reports.len()
    }

    /// The documents that are whole.
    pub(super) fn take(&mut self) -> All {
        std::mem::take(&mut self.whole)
    }

    /// All documents, when there are no more events.
    pub(super) fn take_all(mut self) -> Result<All, StoreError> {
        self.finish()?;
        Ok(self.take())
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        let events = std::mem::take(&mut self.last);
        let Some(first) = events.first() else { return Ok(()) };
        let not_a_stream = |_| StoreError::Corrupt("not a stream".to_owned());
        match first.stream.parse::<StreamId>().map_err(not_a_stream)? {
            StreamId::User(id) => {
                let standing = self.standings.remove(&long(id)).unwrap_or_default();
                let user = expected_user(&events, standing)?;
                self.whole.users.insert(long(id), user);
            }
            StreamId::Tweet(id) => {
                self.whole.tweets.insert(long(id), expected_tweet(&events)?);
            }
            StreamId::Report(id) => {
                self.whole.reports.insert(long(id), expected_report(&events)?);
            }
            StreamId::Moderation(id) => {
                let standing = expected_standing(&events)?;
                if !standing.is_good() {
                    self.standings.insert(long(id), standing);
                }
            }
            StreamId::Logins(_) => {}
        }
        Ok(())
    }
}

/// A user's document as their stream makes it; the count of tweets is left at 0.
pub(super) fn expected_user(
    events: &[EventDoc],
    standing: Standing,
) -> Result<Option<UserDoc>, StoreError> {
    let mut user = None;
    for event in events {
        let recorded = event.clone().recorded()?;
        if let (Event::User(event), StreamId::User(id)) = (&recorded.event, recorded.stream) {
            user = projection::user(user, id, &recorded, event);
        }
    }
    Ok(user.map(|user| UserDoc { standing: StandingDoc::of(standing), ..user }))
}

/// The measures in force as a stream of moderation makes them.
pub(super) fn expected_standing(events: &[EventDoc]) -> Result<Standing, StoreError> {
    let mut standing = Standing::default();
    for event in events {
        if let Event::Moderation(event) = &event.clone().recorded()?.event {
            standing = standing.evolve(event);
        }
    }
    Ok(standing)
}

/// A report's document as its stream makes it.
pub(super) fn expected_report(events: &[EventDoc]) -> Result<Option<ReportDoc>, StoreError> {
    let mut report = None;
    for event in events {
        let recorded = event.clone().recorded()?;
        if let (Event::Report(event), StreamId::Report(id)) = (&recorded.event, recorded.stream) {
            report = projection::report(report, id, &recorded, event);
        }
    }
    Ok(report)
}

/// A tweet's document as its stream makes it.
pub(super) fn expected_tweet(events: &[EventDoc]) -> Result<Option<TweetDoc>, StoreError> {
    let mut tweet: Option<TweetDoc> = None;
    for event in events {
        let recorded = event.clone().recorded()?;
        match (&recorded.event, recorded.stream) {
            (Event::Tweet(TweetEvent::Posted { author, body }), StreamId::Tweet(id)) => {
                tweet = Some(projection::tweet(id, *author, body.as_ref(), recorded.at));
            }
            (Event::Tweet(TweetEvent::Deleted { .. }), _) => tweet = None,
            (Event::Tweet(TweetEvent::Hidden { .. }), _) => {
                tweet = tweet.map(|tweet| TweetDoc { hidden: Some(true), ..tweet });
            }
            (Event::Tweet(TweetEvent::Unhidden { .. }), _) => {
                tweet = tweet.map(|tweet| TweetDoc { hidden: None, ..tweet });
            }
            _ => {}
        }
    }
    Ok(tweet)
}
