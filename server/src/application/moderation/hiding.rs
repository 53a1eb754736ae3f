//! Hiding a tweet, and showing it again.

use siskin_domain::tweet::{TweetCommand, TweetError, TweetEvent, TweetState, decide};
use siskin_domain::{Event, Reason, Recorded, StreamId, TweetId};

use super::Moderation;
use crate::application::retry::retrying;
use crate::application::{Caller, Refused};
use crate::storage::{Append, Expected, StoreError};

impl Moderation {
    /// Lets nobody but its author and moderators see a tweet.
    ///
    /// # Errors
    /// The domain's: no such tweet, no moderator, or one who may not act on its author.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn hide(&self, by: &Caller, id: TweetId, reason: Reason) -> Result<(), Refused> {
        retrying(|| self.try_set_hidden(by, id, true, &reason)).await
    }

    /// Lets everybody see a tweet again.
    ///
    /// # Errors
    /// The domain's: no such tweet, no moderator, or one who may not act on its author.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn unhide(&self, by: &Caller, id: TweetId, reason: Reason) -> Result<(), Refused> {
        retrying(|| self.try_set_hidden(by, id, false, &reason)).await
    }

    /// Why a tweet is hidden: `None` if it is not, `Some(None)` if why was forgotten.
    ///
    /// # Errors
    /// The store's.
    pub async fn hiding_of(&self, id: TweetId) -> Result<Option<Option<Reason>>, StoreError> {
        let history = self.parts.store.load(StreamId::Tweet(id)).await?;
        Ok(events(&history).last().and_then(|event| match event {
            TweetEvent::Hidden { reason, .. } => Some(reason.clone()),
            TweetEvent::Posted { .. }
            | TweetEvent::Deleted { .. }
            | TweetEvent::Unhidden { .. } => None,
        }))
    }

    async fn try_set_hidden(
        &self,
        caller: &Caller,
        id: TweetId,
        hidden: bool,
        reason: &Reason,
    ) -> Result<(), Refused> {
        super::moderator(caller)?;
        let history = self.parts.store.load(StreamId::Tweet(id)).await?;
        let version = history.last().map_or(0, |last| last.version);
        let state = TweetState::replay(events(&history));
        let TweetState::Posted { author, .. } = state else {
            return Err(TweetError::NotFound.into());
        };
        let author = self.target(None, author).await?.role;
        let events = caller.decide(|by| {
            let reason = reason.clone();
            let command = if hidden {
                TweetCommand::Hide { by, author, reason }
            } else {
                TweetCommand::Unhide { by, author, reason }
            };
            decide(state, command)
        })?;
        if events.is_empty() {
            return Ok(());
        }
        let append = Append {
            stream: StreamId::Tweet(id),
            expected: Expected::At(version),
            events: events.into_iter().map(Event::Tweet).collect(),
            at: self.parts.clock.now(),
            actor: Some(caller.actor.id),
            effects: Vec::new(),
        };
        self.parts.store.append(append).await?;
        Ok(())
    }
}

fn events(history: &[Recorded]) -> impl Iterator<Item = &TweetEvent> {
    history.iter().filter_map(|recorded| match &recorded.event {
        Event::Tweet(event) => Some(event),
        _ => None,
    })
}
