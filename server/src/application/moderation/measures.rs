//! Warning, silencing and suspending people, and the end of it.

use siskin_domain::moderation::{Measure, ModerationCommand, Record, Target, decide};
use siskin_domain::user::UserError;
use siskin_domain::{Event, Reason, Role, StreamId, UserId};

use super::Moderation;
use crate::application::retry::retrying;
use crate::application::{Caller, Refused};
use crate::storage::{Append, Audience, Expected, StoreError};

/// What moderators have done about somebody, and where that stream is.
struct Loaded {
    record: Record,
    version: u64,
}

impl Moderation {
    /// Puts a measure in force. `by` is nobody for the operator at the command line.
    ///
    /// # Errors
    /// The domain's: no such user, no moderator, or one who may not act on them.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn impose(
        &self,
        by: Option<&Caller>,
        user: UserId,
        measure: Measure,
        reason: Reason,
    ) -> Result<(), Refused> {
        self.act(by, user, &ModerationCommand::Impose(measure, reason)).await
    }

    /// Ends a measure: all is as it was before it.
    ///
    /// # Errors
    /// The domain's: no such user, no moderator, or one who may not act on them.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn lift(
        &self,
        by: Option<&Caller>,
        user: UserId,
        measure: Measure,
        reason: Reason,
    ) -> Result<(), Refused> {
        self.act(by, user, &ModerationCommand::Lift(measure, reason)).await
    }

    /// The caller has read their warning.
    ///
    /// # Errors
    /// The store's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn dismiss_warning(&self, caller: &Caller) -> Result<(), Refused> {
        self.act(Some(caller), caller.actor.id, &ModerationCommand::DismissWarning).await
    }

    /// Which measures are in force about somebody, and why.
    ///
    /// # Errors
    /// The store's.
    pub async fn record_of(&self, user: UserId) -> Result<Record, StoreError> {
        self.load(user).await.map(|loaded| loaded.record)
    }

    async fn act(
        &self,
        by: Option<&Caller>,
        user: UserId,
        command: &ModerationCommand,
    ) -> Result<(), Refused> {
        let done = retrying(|| self.try_act(by, user, command)).await;
        // Whoever is signed in is believed to be who they were for a while: not after this.
        self.parts.callers.forget();
        done
    }

    async fn try_act(
        &self,
        by: Option<&Caller>,
        user: UserId,
        command: &ModerationCommand,
    ) -> Result<(), Refused> {
        let target = self.target(by, user).await?;
        let Loaded { record, version } = self.load(user).await?;
        let rule = |actor| decide(target, record.standing, actor, command.clone());
        let events = match by {
            Some(caller) => caller.decide(|by| rule(Some(by)))?,
            None => rule(None)?,
        };
        if events.is_empty() {
            return Ok(());
        }
        let append = Append {
            stream: StreamId::Moderation(user),
            expected: Expected::At(version),
            events: events.into_iter().map(Event::Moderation).collect(),
            at: self.parts.clock.now(),
            actor: by.map(|caller| caller.actor.id),
            effects: Vec::new(),
        };
        self.parts.store.append(append).await?;
        Ok(())
    }

    /// Whom it is about. Who may not moderate at all is told so before whether there is such a
    /// user.
    pub(super) async fn target(
        &self,
        by: Option<&Caller>,
        user: UserId,
    ) -> Result<Target, Refused> {
        if let Some(caller) = by
            && caller.actor.id != user
        {
            super::moderator(caller)?;
        }
        let found = self.parts.store.find_user(user, Audience::All).await?;
        let found = found.ok_or(UserError::NotFound)?;
        Ok(Target { id: user, role: found.role.unwrap_or(Role::Admin) })
    }

    async fn load(&self, user: UserId) -> Result<Loaded, StoreError> {
        let history = self.parts.store.load(StreamId::Moderation(user)).await?;
        let version = history.last().map_or(0, |last| last.version);
        let events = history.iter().filter_map(|recorded| match &recorded.event {
            Event::Moderation(event) => Some(event),
            _ => None,
        });
        Ok(Loaded { record: Record::replay(events), version })
    }
}
