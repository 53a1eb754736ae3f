//! One's own sessions and tokens: seeing them, and ending some.

use super::Accounts;
use super::begin::{LoggedIn, NewSession};
use crate::application::retry::retrying;
use crate::application::{Caller, Refused};
use crate::storage::{Append, Effect, MOST_SESSIONS, OwnSession, SessionId, StoreError};

impl Accounts {
    /// The caller's sessions and tokens, those that were used last first, up to
    /// [`MOST_SESSIONS`]; and whether there are more.
    ///
    /// # Errors
    /// The store's.
    pub async fn sessions(&self, caller: &Caller) -> Result<(Vec<OwnSession>, bool), StoreError> {
        let (user, now) = (caller.actor.id, self.parts.clock.now());
        let mut sessions = self.parts.store.sessions_of(user, now, MOST_SESSIONS + 1).await?;
        let more = sessions.len() > MOST_SESSIONS;
        sessions.truncate(MOST_SESSIONS);
        Ok((sessions, more))
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
        let append = Append::beside(
            user,
            self.parts.clock.now(),
            vec![Effect::EndSessions { user, except: Some(own) }],
        );
        self.parts.store.append(append).await?;
        self.parts.callers.ended(|token, owner| owner == user && *token != own);
        Ok(())
    }

    /// Makes a token for somebody who is signed in already.
    ///
    /// # Errors
    /// [`Refused::NotSignedIn`] if their session has ended meanwhile; the store's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn make_token(&self, caller: &Caller, new: NewSession) -> Result<LoggedIn, Refused> {
        retrying(async || {
            let still = vec![self.still(caller).await?];
            self.begin_with(caller.actor.id, new.clone(), Vec::new(), None, still).await
        })
        .await
    }

    /// For what outlasts the caller's session: nothing of it is done once that has ended, or when
    /// they may do less than they might when they were looked up. A request may be long on its way.
    ///
    /// # Errors
    /// [`Refused::NotSignedIn`]; the store's.
    pub(in crate::application) async fn still(&self, caller: &Caller) -> Result<Effect, Refused> {
        let found = self.parts.store.find_session(&caller.token, self.parts.clock.now()).await?;
        let now = found.map(|owner| Caller::new(caller.token, owner));
        match now {
            Some(now) if now.actor.role >= caller.actor.role => Ok(Effect::SessionIs(caller.token)),
            _ => Err(Refused::NotSignedIn),
        }
    }
}
