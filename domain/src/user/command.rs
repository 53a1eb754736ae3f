//! What can be asked of a user.

use crate::event::Actor;
use crate::values::{Bio, DisplayName, Email, Role, Username};

/// A request to change a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserCommand {
    /// Become a user.
    Register(Registration),
    /// Change some of the profile.
    UpdateProfile {
        /// Who asks: the person, or an admin.
        by: Actor,
        /// What is to change.
        changes: ProfileChanges,
        /// Refuse if the user's version is another: somebody else was faster.
        expected: Option<u64>,
    },
    /// Have another password; the hash itself travels beside the event, never in it.
    UpdatePassword {
        /// Who asks: the person, or an admin.
        by: Actor,
        /// Refuse if the user's version is another.
        expected: Option<u64>,
    },
    /// Note that somebody signed in.
    LogIn,
    /// Be a moderator, an admin, or neither.
    ChangeRole {
        /// Who asks: an admin, or `None` for the operator at the command line.
        by: Option<Actor>,
        /// The role to have.
        role: Role,
    },
    /// Be gone, with all personal data.
    Delete {
        /// Who asks: the person, or an admin.
        by: Actor,
    },
}

/// A new user's particulars, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The name in addresses and mentions.
    pub username: Username,
    /// The e-mail address.
    pub email: Email,
    /// The name that people see.
    pub name: DisplayName,
    /// What they may do.
    pub role: Role,
}

/// What is to change; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChanges {
    /// Another username.
    pub username: Option<Username>,
    /// Another e-mail address.
    pub email: Option<Email>,
    /// Another name.
    pub name: Option<DisplayName>,
    /// Another bio.
    pub bio: Option<Bio>,
}
