//! A user's stream, folded.

use siskin_domain::moderation::Standing;
use siskin_domain::user::{UserError, UserState};
use siskin_domain::{Event, StreamId, UserId, Username, wire};

use super::Accounts;
use crate::application::Refused;
use crate::storage::{Audience, StoreError};

/// A user's state and where their stream is.
pub(super) struct Loaded {
    pub(super) state: UserState,
    pub(super) version: u64,
}

impl Accounts {
    pub(super) async fn load(&self, id: UserId) -> Result<Loaded, StoreError> {
        let history = self.parts.store.load(StreamId::User(id)).await?;
        let version = history.last().map_or(0, |last| last.version);
        let state =
            UserState::replay(history.iter().filter_map(|recorded| match &recorded.event {
                Event::User(event) => Some(event),
                _ => None,
            }));
        Ok(Loaded { state, version })
    }

    /// Which measures of moderators are in force about a user.
    pub(super) async fn standing(&self, id: UserId) -> Result<Standing, StoreError> {
        let history = self.parts.store.load(StreamId::Moderation(id)).await?;
        Ok(history.iter().fold(Standing::default(), |standing, recorded| match &recorded.event {
            Event::Moderation(event) => standing.evolve(event),
            _ => standing,
        }))
    }

    /// The user with everything, email and role included.
    pub(super) async fn whole(&self, id: UserId) -> Result<wire::User, Refused> {
        let found = self.parts.store.find_user(id, Audience::All).await?;
        found.ok_or(Refused::User(UserError::NotFound))
    }

    pub(in crate::application) async fn id_of(
        &self,
        username: &Username,
    ) -> Result<UserId, Refused> {
        let found = self.parts.store.find_user_by_name(username, Audience::All).await?;
        found.map(|user| user.id).ok_or(Refused::User(UserError::NotFound))
    }
}
