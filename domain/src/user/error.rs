//! Why a user command is refused.

/// A rule of the user aggregate that a command broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UserError {
    /// No such user, or no longer.
    #[error("there is no such user")]
    NotFound,
    /// This user was registered before.
    #[error("this user is registered already")]
    AlreadyRegistered,
    /// Only the person or an admin may do that.
    #[error("only the person themselves or an admin may do that")]
    NotYou,
    /// Only an admin may do that.
    #[error("only an admin may do that")]
    NotAdmin,
    /// The caller saw an older version.
    #[error("somebody changed this user in the meantime; it is at version {current} now")]
    VersionConflict {
        /// The version that is current.
        current: u64,
    },
}
