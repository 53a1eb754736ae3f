//! One's own sessions and tokens: seeing them, and ending some.

use siskin_domain::StreamId;

use super::Accounts;
use super::begin::{LoggedIn, NewSession};
use crate::application::{Caller, Refused};
use crate::storage::{Append, Effect, Expected, OwnSession, SessionId, StoreError};

impl Accounts {
    /// The caller's sessions and tokens, those that were used last first.
    ///
    /// # Errors
    /// The store's.
    pub async fn sessions(&self, caller: &Caller) -> Result<Vec<OwnSession>, StoreError> {
        self.parts.store.sessions_of(caller.actor.id, self.parts.clock.now()).await
    }

    /// Ends one of the caller's sessions by its number.
    ///
    /// # Errors
    /// [`Refused::NoSuchSession`] if they have none of that number.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<(), Refused> {
        let user = caller.actor.id;
        let ended = self.parts.store.end_session_of(user, id).await?;
        self.parts.callers.ended(|token, owner| owner == user && SessionId::of(token) == id);
        if ended { Ok(()) } else { Err(Refused::NoSuchSession) }
    }

    /// Ends all of the caller's sessions and tokens but the one that they came with.
    ///
    /// # Errors
    /// The store's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_other_sessions(&self, caller: &Caller) -> Result<(), Refused> {
        let (user, own) = (caller.actor.id, caller.token);
        let append = Append {
            stream: StreamId::Logins(user),
            expected: Expected::Any,
            events: Vec::new(),
            at: self.parts.clock.now(),
            actor: Some(user),
            effects: vec![Effect::EndSessions { user, except: Some(own) }],
        };
        self.parts.store.append(append).await?;
        self.parts.callers.ended(|token, owner| owner == user && *token != own);
        Ok(())
    }

    /// Makes a token for somebody who is signed in already.
    ///
    /// # Errors
    /// The store's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn make_token(&self, caller: &Caller, new: NewSession) -> Result<LoggedIn, Refused> {
        self.begin(caller.actor.id, new, Vec::new(), None).await
    }
}
