//! What is known of a user after some events.

use super::event::UserEvent;
use crate::values::{Bio, DisplayName, Email, Role, Username};

/// A user's state; the fold of its events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum UserState {
    /// Never registered.
    #[default]
    Missing,
    /// Registered.
    Active(Box<User>),
    /// Registered once, deleted since.
    Deleted,
}

/// A registered user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name in addresses and mentions.
    pub username: Username,
    /// The e-mail address.
    pub email: Email,
    /// The name that people see.
    pub name: DisplayName,
    /// What they say about themselves.
    pub bio: Bio,
    /// What they may do.
    pub role: Role,
    /// How many events have made them so: what optimistic concurrency compares.
    pub version: u64,
}

impl UserState {
    /// Folds one event in. Holds no rule: what has happened has happened.
    #[must_use]
    pub fn evolve(self, event: &UserEvent) -> Self {
        match (self, event) {
            (_, UserEvent::Created { role, profile: Some(profile) }) => {
                Self::Active(Box::new(User {
                    username: profile.username.clone(),
                    email: profile.email.clone(),
                    name: profile.name.clone(),
                    bio: Bio::default(),
                    role: *role,
                    version: 1,
                }))
            }
            // Forgotten particulars belong to somebody who is deleted further on.
            (_, UserEvent::Created { profile: None, .. } | UserEvent::Deleted) => Self::Deleted,
            (state, UserEvent::LoggedIn) => state,
            (Self::Active(mut user), event) => {
                user.version += 1;
                user.apply(event);
                Self::Active(user)
            }
            (state @ (Self::Missing | Self::Deleted), _) => state,
        }
    }

    /// Folds a whole history.
    #[must_use]
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a UserEvent>) -> Self {
        events.into_iter().fold(Self::default(), Self::evolve)
    }
}

impl User {
    fn apply(&mut self, event: &UserEvent) {
        match event {
            UserEvent::Updated { changes: Some(changes) } => {
                let changes = changes.clone();
                if let Some(username) = changes.username {
                    self.username = username;
                }
                if let Some(email) = changes.email {
                    self.email = email;
                }
                if let Some(name) = changes.name {
                    self.name = name;
                }
                if let Some(bio) = changes.bio {
                    self.bio = bio;
                }
            }
            UserEvent::RoleUpdated { role } => self.role = *role,
            UserEvent::Updated { changes: None }
            | UserEvent::PasswordUpdated
            | UserEvent::LoggedIn
            | UserEvent::Created { .. }
            | UserEvent::Deleted => {}
        }
    }
}
