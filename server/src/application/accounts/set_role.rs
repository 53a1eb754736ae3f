//! Being a moderator, an admin, or neither.

use siskin_domain::user::{UserCommand, decide};
use siskin_domain::{Actor, Event, Role, StreamId, UserId, Username, wire};

use super::Accounts;
use crate::application::Refused;
use crate::application::retry::retrying;
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
        let changed = retrying(|| self.try_set_role(by, id, role)).await;
        self.parts.callers.forget();
        changed?;
        self.whole(id).await
    }

    async fn try_set_role(&self, by: Option<Actor>, id: UserId, role: Role) -> Result<(), Refused> {
        let loaded = self.load(id).await?;
        let events = decide(id, &loaded.state, UserCommand::ChangeRole { by, role })?;
        if events.is_empty() {
            return Ok(());
        }
        let append = Append {
            stream: StreamId::User(id),
            expected: Expected::At(loaded.version),
            events: events.into_iter().map(Event::User).collect(),
            at: self.parts.clock.now(),
            actor: by.map(|by| by.id),
            effects: Vec::new(),
        };
        self.parts.store.append(append).await?;
        Ok(())
    }
}
