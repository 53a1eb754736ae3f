//! Being a moderator, an admin, or neither.

use siskin_domain::user::{UserCommand, UserError, UserEvent, UserState, decide};
use siskin_domain::{Actor, Event, Role, StreamId, UserId, Username, wire};

use super::Accounts;
use crate::application::retry::retrying;
use crate::application::{Caller, Refused};
use crate::storage::{Append, Expected};

impl Accounts {
    /// Gives a user a role. `by` is an admin, or `None` for the operator at the command line.
    ///
    /// # Errors
    /// The domain's: no such user, or not an admin.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn set_role(
        &self,
        by: Option<Actor>,
        username: &Username,
        role: Role,
    ) -> Result<wire::User, Refused> {
        let id = self.id_of(username).await?;
        let changed = retrying(|| {
            self.try_set_role(by, None, id, |state| {
                Ok(decide(id, state, UserCommand::ChangeRole { by, role })?)
            })
        });
        let changed = changed.await;
        self.parts.callers.forget();
        changed?;
        self.whole(id).await
    }

    /// Gives a user a role, for an admin.
    ///
    /// # Errors
    /// The domain's: no such user, or not an admin; [`Refused::ScopeMissing`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_role(
        &self,
        caller: &Caller,
        id: UserId,
        role: Role,
    ) -> Result<wire::User, Refused> {
        // Who may not do it at all is told so before whether there is such a user.
        caller
            .decide(|by| if by.role == Role::Admin { Ok(()) } else { Err(UserError::NotAdmin) })?;
        let changed = retrying(|| {
            self.try_set_role(Some(caller.actor), Some(caller), id, |state| {
                let command = |by| UserCommand::ChangeRole { by: Some(by), role };
                caller.decide(|by| decide(id, state, command(by)))
            })
        });
        let changed = changed.await;
        self.parts.callers.forget();
        changed?;
        self.whole(id).await
    }

    async fn try_set_role(
        &self,
        by: Option<Actor>,
        caller: Option<&Caller>,
        id: UserId,
        decide: impl Fn(&UserState) -> Result<Vec<UserEvent>, Refused>,
    ) -> Result<(), Refused> {
        let loaded = self.load(id).await?;
        // After the load: whoever lost their own role is found out by it or by the version.
        let still = match caller {
            Some(caller) => Some(self.still(caller).await?),
            None => None,
        };
        let events = decide(&loaded.state)?;
        if events.is_empty() {
            return Ok(());
        }
        let append = Append {
            stream: StreamId::User(id),
            expected: Expected::At(loaded.version),
            events: events.into_iter().map(Event::User).collect(),
            at: self.parts.clock.now(),
            actor: by.map(|by| by.id),
            effects: still.into_iter().collect(),
        };
        self.parts.store.append(append).await?;
        Ok(())
    }
}
