//! Being gone, with all personal data.

use siskin_domain::user::{UserCommand, decide};
use siskin_domain::{Event, StreamId, UserId, Username};

use super::Accounts;
use crate::application::retry::retrying;
use crate::application::{Caller, Refused};
use crate::storage::{Append, Expected};

impl Accounts {
    /// Deletes a user. Their tweets, sessions and personal data go in the same transaction.
    ///
    /// # Errors
    /// The domain's: no such user, or neither the caller's own account nor an admin.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete(&self, caller: &Caller, username: &Username) -> Result<(), Refused> {
        let id = self.id_of(username).await?;
        let deleted = retrying(|| self.try_delete(caller, id)).await;
        self.parts.callers.forget();
        if deleted.is_ok() {
            self.parts.callers.ended(|_, user| user == id);
        }
        deleted
    }

    async fn try_delete(&self, caller: &Caller, id: UserId) -> Result<(), Refused> {
        let loaded = self.load(id).await?;
        let events = caller.decide(|by| decide(id, &loaded.state, UserCommand::Delete { by }))?;
        let append = Append {
            stream: StreamId::User(id),
            expected: Expected::At(loaded.version),
            events: events.into_iter().map(Event::User).collect(),
            at: self.parts.clock.now(),
            actor: Some(caller.actor.id),
            effects: Vec::new(),
        };
        self.parts.store.append(append).await?;
        Ok(())
    }
}
