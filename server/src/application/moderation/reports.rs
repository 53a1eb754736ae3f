//! Reporting something to moderators, and being done with a report.

use siskin_domain::moderation::{Filing, ReportCommand, ReportState, decide_report};
use siskin_domain::tweet::TweetError;
use siskin_domain::user::UserError;
use siskin_domain::{Event, Reason, ReportId, StreamId, TweetId, Username};

use super::Moderation;
use crate::application::idempotency::{KeptAnswer, Once, ReportFiled};
use crate::application::retry::retrying;
use crate::application::{Caller, Refused};
use crate::storage::{Append, Audience, Expected};

/// What is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A tweet.
    Tweet(TweetId),
    /// A person.
    User(Username),
}

impl Moderation {
    /// Tells moderators of something that the reporter sees.
    ///
    /// # Errors
    /// No such tweet or person for them; the domain's: nobody reports themselves.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn report(
        &self,
        caller: &Caller,
        subject: &Subject,
        reason: Reason,
        once: Once,
    ) -> Result<ReportId, Refused> {
        retrying(|| self.try_report(caller, subject, reason.clone(), &once)).await
    }

    /// Is done with a report. What came of it may be said.
    ///
    /// # Errors
    /// The domain's: no such report, or no moderator.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn resolve(
        &self,
        caller: &Caller,
        id: ReportId,
        reason: Option<Reason>,
    ) -> Result<(), Refused> {
        retrying(|| self.try_resolve(caller, id, reason.clone())).await
    }

    async fn try_report(
        &self,
        caller: &Caller,
        subject: &Subject,
        reason: Reason,
        once: &Once,
    ) -> Result<ReportId, Refused> {
        let (by, store) = (caller.actor.id, &self.parts.store);
        let filing = match subject {
            Subject::Tweet(id) => {
                let tweet = store.find_tweet(*id, Audience::Person(by)).await?;
                let tweet = tweet.ok_or(TweetError::NotFound)?;
                let author = Username::parse(&tweet.tweetedby).map_err(|_| UserError::NotFound)?;
                let author = store.find_user_by_name(&author, Audience::All).await?;
                let about = author.ok_or(TweetError::NotFound)?.id;
                Filing { by, about, tweet: Some(*id) }
            }
            Subject::User(name) => {
                let user = store.find_user_by_name(name, Audience::Person(by)).await?;
                Filing { by, about: user.ok_or(UserError::NotFound)?.id, tweet: None }
            }
        };
        let events = decide_report(ReportState::Missing, ReportCommand::File(filing, reason))?;
        let id = self.parts.ids.report().await?;
        let answer = || KeptAnswer::created_unnamed(&ReportFiled::new(id));
        let keep = once.as_ref().map(|scope| scope.remember(&answer(), Some(by)));
        let append = self.append(caller, id, Expected::Empty, events);
        let append = Append { effects: keep.into_iter().collect(), ..append };
        self.parts.store.append(append).await?;
        Ok(id)
    }

    async fn try_resolve(
        &self,
        caller: &Caller,
        id: ReportId,
        reason: Option<Reason>,
    ) -> Result<(), Refused> {
        let history = self.parts.store.load(StreamId::Report(id)).await?;
        let version = history.last().map_or(0, |last| last.version);
        let state =
            ReportState::replay(history.iter().filter_map(|recorded| match &recorded.event {
                Event::Report(event) => Some(event),
                _ => None,
            }));
        // Nothing is said of somebody who is gone: it would not be forgotten with them.
        let reason = match state {
            ReportState::Open(filing) if self.is_there(filing.about).await? => reason,
            _ => None,
        };
        let command = |by| ReportCommand::Resolve { by, reason: reason.clone() };
        let events = caller.decide(|by| decide_report(state, command(by)))?;
        if events.is_empty() {
            return Ok(());
        }
        let expected = Expected::At(version);
        self.parts.store.append(self.append(caller, id, expected, events)).await?;
        Ok(())
    }

    async fn is_there(&self, user: siskin_domain::UserId) -> Result<bool, Refused> {
        Ok(self.parts.store.find_user(user, Audience::All).await?.is_some())
    }

    fn append(
        &self,
        caller: &Caller,
        id: ReportId,
        expected: Expected,
        events: Vec<siskin_domain::moderation::ReportEvent>,
    ) -> Append {
        Append {
            stream: StreamId::Report(id),
            expected,
            events: events.into_iter().map(Event::Report).collect(),
            at: self.parts.clock.now(),
            actor: Some(caller.actor.id),
            effects: Vec::new(),
        }
    }
}
