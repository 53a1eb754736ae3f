//! Documents made from the log.

use std::collections::HashMap;

use siskin_domain::tweet::TweetEvent;
use siskin_domain::{Event, StreamId};

use super::super::documents::{EventDoc, TweetDoc, UserDoc, long};
use super::super::projection;
use crate::storage::StoreError;

/// Documents by their ids; `None` for what was there once.
pub(super) type Documents<T> = HashMap<i64, Option<T>>;

/// Documents that are being made from events that come stream by stream.
#[derive(Default)]
pub(super) struct Made {
    users: Documents<UserDoc>,
    tweets: Documents<TweetDoc>,
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
        self.users.len() + self.tweets.len()
    }

    /// The documents that are whole.
    pub(super) fn take(&mut self) -> (Documents<UserDoc>, Documents<TweetDoc>) {
        (std::mem::take(&mut self.users), std::mem::take(&mut self.tweets))
    }

    /// All documents, when there are no more events.
    pub(super) fn take_all(
        mut self,
    ) -> Result<(Documents<UserDoc>, Documents<TweetDoc>), StoreError> {
        self.finish()?;
        Ok(self.take())
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        let events = std::mem::take(&mut self.last);
        let Some(first) = events.first() else { return Ok(()) };
        let not_a_stream = |_| StoreError::Corrupt("not a stream".to_owned());
        match first.stream.parse::<StreamId>().map_err(not_a_stream)? {
            StreamId::User(id) => drop(self.users.insert(long(id), expected_user(&events)?)),
            StreamId::Tweet(id) => drop(self.tweets.insert(long(id), expected_tweet(&events)?)),
            StreamId::Logins(_) => {}
        }
        Ok(())
    }
}

/// A user's document as their stream makes it; the count of tweets is left at 0.
pub(super) fn expected_user(events: &[EventDoc]) -> Result<Option<UserDoc>, StoreError> {
    let mut user = None;
    for event in events {
        let recorded = event.clone().recorded()?;
        if let (Event::User(event), StreamId::User(id)) = (&recorded.event, recorded.stream) {
            user = projection::user(user, id, &recorded, event);
        }
    }
    Ok(user)
}

/// A tweet's document as its stream makes it.
pub(super) fn expected_tweet(events: &[EventDoc]) -> Result<Option<TweetDoc>, StoreError> {
    let mut tweet = None;
    for event in events {
        let recorded = event.clone().recorded()?;
        match (&recorded.event, recorded.stream) {
            (Event::Tweet(TweetEvent::Posted { author, body }), StreamId::Tweet(id)) => {
                tweet = Some(projection::tweet(id, *author, body.as_ref(), recorded.at));
            }
            (Event::Tweet(TweetEvent::Deleted { .. }), _) => tweet = None,
            _ => {}
        }
    }
    Ok(tweet)
}
