//! Being gone, with all personal data.

use siskin_domain::user::{UserCommand, decide};
use siskin_domain::{Event, FieldError, Password, StreamId, UserId, Username};

use super::Accounts;
use crate::application::retry::retrying;
use crate::application::{Caller, Refused};
use crate::storage::{Append, Expected, StoreError};

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

    /// Has the caller a password at all? Some sign in by other means only.
    ///
    /// # Errors
    /// The store's.
    pub async fn has_password(&self, caller: &Caller) -> Result<bool, StoreError> {
        Ok(self.parts.store.credential_of(caller.actor.id).await?.is_some())
    }

    /// Deletes the caller's own account, if they have typed their name and, if they have one,
    /// their password.
    ///
    /// # Errors
    /// A [`Refused::Field`] for another name; [`Refused::WrongCurrentPassword`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_own(
        &self,
        caller: &Caller,
        typed: &str,
        password: &Password,
    ) -> Result<(), Refused> {
        let typed = Username::parse(typed).ok();
        let Some(username) = typed.filter(|typed| typed.as_str() == caller.username) else {
            let message = "That is not your username.".into();
            return Err(FieldError { field: "username", code: "username_wrong", message }.into());
        };
        if let Some(credential) = self.parts.store.credential_of(caller.actor.id).await? {
            self.verify_current(password, Some(&credential)).await?;
        }
        self.delete(caller, &username).await
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
