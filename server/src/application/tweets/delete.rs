//! Taking a tweet back.

use siskin_domain::tweet::{TweetCommand, TweetState, decide};
use siskin_domain::{Event, StreamId, TweetId};

use super::Tweets;
use crate::application::retry::retrying;
use crate::application::{Caller, Refused};
use crate::storage::{Append, Expected};

impl Tweets {
    /// Deletes a tweet and erases what it said.
    ///
    /// # Errors
    /// The domain's: no such tweet, or neither its author nor a moderator.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete(&self, caller: &Caller, id: TweetId) -> Result<(), Refused> {
        retrying(|| self.try_delete(caller, id)).await
    }

    async fn try_delete(&self, caller: &Caller, id: TweetId) -> Result<(), Refused> {
        let history = self.store.load(StreamId::Tweet(id)).await?;
        let version = history.last().map_or(0, |last| last.version);
        let state =
            TweetState::replay(history.iter().filter_map(|recorded| match &recorded.event {
                Event::Tweet(event) => Some(event),
                _ => None,
            }));
        let events = caller.decide(|by| decide(state, TweetCommand::Delete { by }))?;
        let append = Append {
            stream: StreamId::Tweet(id),
            expected: Expected::At(version),
            events: events.into_iter().map(Event::Tweet).collect(),
            at: self.clock.now(),
            actor: Some(caller.actor.id),
            effects: Vec::new(),
        };
        self.store.append(append).await?;
        Ok(())
    }
}
