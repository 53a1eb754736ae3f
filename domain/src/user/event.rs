//! What can happen to a user.

use serde::{Deserialize, Serialize};

use crate::values::{Bio, DisplayName, Email, Role, Username};

/// Something that happened to a user. When and by whom is on the record around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserEvent {
    /// A person registered.
    Created {
        /// What they may do.
        role: Role,
        /// Personal: who they are; `None` once forgotten.
        profile: Option<Profile>,
    },
    /// The profile changed.
    Updated {
        /// Personal: the new values of what changed; `None` once forgotten.
        changes: Option<ProfileUpdate>,
    },
    /// The password changed. Neither it nor its hash is here.
    PasswordUpdated,
    /// The person signed in.
    LoggedIn,
    /// The role changed.
    RoleUpdated {
        /// The new role.
        role: Role,
    },
    /// The account is gone; personal data was erased with it.
    Deleted,
}

impl UserEvent {
    /// The event's name in the log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Created { .. } => "UserCreated",
            Self::Updated { .. } => "UserUpdated",
            Self::PasswordUpdated => "PasswordUpdated",
            Self::LoggedIn => "UserLoggedIn",
            Self::RoleUpdated { .. } => "UserRoleUpdated",
            Self::Deleted => "UserDeleted",
        }
    }
}

/// Who a person is: all of it personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name in addresses and mentions.
    pub username: Username,
    /// The e-mail address.
    pub email: Email,
    /// The name that people see.
    pub name: DisplayName,
}

/// New values of what changed in a profile; what did not change is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileUpdate {
    /// The new username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Username>,
    /// The new e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<DisplayName>,
    /// The new bio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bio: Option<Bio>,
}
