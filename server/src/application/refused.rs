//! Why the application did not do it: one type for all commands.

use siskin_domain::FieldError;
use siskin_domain::moderation::{ModerationError, ReportError};
use siskin_domain::tweet::TweetError;
use siskin_domain::user::UserError;

use super::Standing;
use super::factors::FactorError;
use crate::storage::{Scope, StoreError, UniqueField};

/// A command's refusal. Nothing was changed.
///
/// `http::api::error` is the one place that turns it into a status.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A value breaks a rule of the domain.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The value belongs to somebody else.
    #[error("{0:?} is taken")]
    Taken(UniqueField),
    /// A rule about users.
    #[error(transparent)]
    User(#[from] UserError),
    /// A rule about tweets.
    #[error(transparent)]
    Tweet(#[from] TweetError),
    /// A rule about moderators.
    #[error(transparent)]
    Moderation(#[from] ModerationError),
    /// A rule about reports.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A moderator has suspended the caller.
    #[error("the account is suspended")]
    Suspended,
    /// No such user, or not their password: never said which.
    #[error("the username or the password is wrong")]
    BadCredentials,
    /// The password is right, and a code is missing.
    #[error("a code is needed, too")]
    SecondFactorRequired,
    /// A second factor or a passkey.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// A new password needs the current one with it.
    #[error("the current password is missing")]
    CurrentPasswordRequired,
    /// That is not the current password.
    #[error("the current password is wrong")]
    WrongCurrentPassword,
    /// The caller is nobody, or no longer anybody.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The caller's token is not for that.
    #[error("the token lacks the scope {}", .0.as_str())]
    ScopeMissing(Scope),
    /// The caller has no session of that number.
    #[error("there is no such session")]
    NoSuchSession,
    /// Nobody can join by themselves.
    #[error("nobody can sign up here")]
    RegistrationClosed,
    /// Joining needs an invitation.
    #[error("signing up needs an invitation")]
    InvitationRequired,
    /// The invitation has ended, has no place left, or never was one.
    #[error("the invitation does not count")]
    InvitationInvalid,
    /// Joining needs no invitation, so there are none.
    #[error("there are no invitations here")]
    InvitationsOff,
    /// The caller may not invite.
    #[error("the caller may not invite")]
    NotInviter,
    /// The caller has as many invitations as one may have.
    #[error("the caller has too many invitations")]
    TooManyInvitations,
    /// The caller has no invitation of that number.
    #[error("there is no such invitation")]
    NoSuchInvitation,
    /// This server sends no mail.
    #[error("this server sends no mail")]
    MailOff,
    /// The link in a mail was used, has expired, was replaced, or never was one.
    #[error("the link is not valid, or not any more")]
    LinkInvalid,
    /// The identity belongs to another account.
    #[error("the identity belongs to another account")]
    IdentityTaken,
    /// Without it its owner could not sign in any more.
    #[error("it is the last way to sign in")]
    LastWayIn,
    /// The tweet would be somebody else's.
    #[error("one can't tweet in another person's name")]
    NotYou,
    /// Somebody's own data are for themselves alone.
    #[error("only the person themselves may have that")]
    NotOneself,
    /// Too often.
    #[error("too many requests; try again in {retry_after_s} s")]
    Throttled {
        /// Whole seconds to wait; at least 1.
        retry_after_s: u64,
        /// Where the caller stands.
        standings: Vec<Standing>,
    },
    /// Too much at once.
    #[error("too busy; try again in {retry_after_s} s")]
    Busy {
        /// Whole seconds to wait; at least 1.
        retry_after_s: u64,
    },
    /// Other writers got there first, several times in a row.
    #[error("other writers were faster; try again")]
    Conflict,
    /// The same `Idempotency-Key` came with another request.
    #[error("this idempotency key belongs to another request")]
    KeyReused,
    /// The store can't.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(field) => Self::Taken(field),
            StoreError::AuthorGone => Self::NotSignedIn,
            StoreError::Conflict => Self::Conflict,
            error @ (StoreError::Unavailable(_)
            | StoreError::DiskFull(_)
            | StoreError::DiskFailed(_)
            | StoreError::Damaged(_)
            | StoreError::Corrupt(_)) => Self::Store(error),
        }
    }
}
