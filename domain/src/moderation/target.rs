//! Who may act on whom.

use crate::event::Actor;
use crate::id::UserId;
use crate::values::Role;

/// A person about whom something is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Who.
    pub id: UserId,
    /// What they may do themselves.
    pub role: Role,
}

/// A rule about moderators that a command broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModerationError {
    /// Only moderators and admins may do that.
    #[error("only a moderator or an admin may do that")]
    NotModerator,
    /// Nobody judges themselves.
    #[error("nobody acts on themselves")]
    Yourself,
    /// The person's role is not below the moderator's.
    #[error("moderators act on users, and admins on moderators, too")]
    OutOfReach,
}

impl Target {
    /// Moderators act on users, admins also on moderators, nobody on themselves, and the operator
    /// at the command line (`None`) on everybody.
    ///
    /// # Errors
    /// The [`ModerationError`] that says why not.
    pub fn within_reach_of(self, by: Option<Actor>) -> Result<(), ModerationError> {
        let Some(by) = by else { return Ok(()) };
        if by.role < Role::Moderator {
            Err(ModerationError::NotModerator)
        } else if by.id == self.id {
            Err(ModerationError::Yourself)
        } else if by.role <= self.role {
            Err(ModerationError::OutOfReach)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moderators_reach_users_and_admins_moderators_and_the_operator_everybody() {
        use ModerationError::{NotModerator, OutOfReach, Yourself};
        let actor = |id, role| Actor { id: UserId::new(id).unwrap(), role };
        let reach = |by, role| Target { id: UserId::new(1).unwrap(), role }.within_reach_of(by);
        assert_eq!(reach(Some(actor(2, Role::User)), Role::User), Err(NotModerator));
        assert_eq!(reach(Some(actor(2, Role::Moderator)), Role::User), Ok(()));
        assert_eq!(reach(Some(actor(2, Role::Moderator)), Role::Moderator), Err(OutOfReach));
        assert_eq!(reach(Some(actor(2, Role::Moderator)), Role::Admin), Err(OutOfReach));
        assert_eq!(reach(Some(actor(2, Role::Admin)), Role::Moderator), Ok(()));
        assert_eq!(reach(Some(actor(2, Role::Admin)), Role::Admin), Err(OutOfReach));
        assert_eq!(reach(Some(actor(1, Role::Admin)), Role::Admin), Err(Yourself));
        assert_eq!(reach(None, Role::Admin), Ok(()));
    }
}
