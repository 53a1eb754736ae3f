//! Commands, events, state and rules of a tweet: small enough to read as one.

use crate::event::Actor;
use crate::id::UserId;
use crate::moderation::{ModerationError, Target};
use crate::values::{Reason, Role, TweetBody};

/// A request to make or unmake a tweet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TweetCommand {
    /// Say something.
    Post {
        /// Who says it.
        by: Actor,
        /// What is said.
        body: TweetBody,
    },
    /// Take it back.
    Delete {
        /// Who asks: the author, a moderator or an admin.
        by: Actor,
    },
    /// Let nobody but its author and moderators see it.
    Hide {
        /// Who asks: a moderator.
        by: Actor,
        /// What the author may do.
        author: Role,
        /// Why.
        reason: Reason,
    },
    /// Let everybody see it again.
    Unhide {
        /// Who asks: a moderator.
        by: Actor,
        /// What the author may do.
        author: Role,
        /// Why.
        reason: Reason,
    },
}

/// Something that happened to a tweet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TweetEvent {
    /// It was posted.
    Posted {
        /// Who wrote it.
        author: UserId,
        /// Personal: what it says; `None` once forgotten.
        body: Option<TweetBody>,
    },
    /// It is gone; what it said was erased with it.
    Deleted {
        /// Who wrote it.
        author: UserId,
    },
    /// Only its author and moderators see it from now on.
    Hidden {
        /// Who wrote it.
        author: UserId,
        /// Personal: why; `None` once forgotten.
        reason: Option<Reason>,
    },
    /// Everybody sees it again.
    Unhidden {
        /// Who wrote it.
        author: UserId,
        /// Personal: why; `None` once forgotten.
        reason: Option<Reason>,
    },
}

impl TweetEvent {
    /// The event's name in the log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Posted { .. } => "TweetPosted",
            Self::Deleted { .. } => "TweetDeleted",
            Self::Hidden { .. } => "TweetHidden",
            Self::Unhidden { .. } => "TweetUnhidden",
        }
    }
}

/// What is known of a tweet after some events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TweetState {
    /// Never posted.
    #[default]
    Missing,
    /// There.
    Posted {
        /// Who wrote it.
        author: UserId,
        /// Has a moderator hidden it?
        hidden: bool,
    },
    /// Posted once, deleted since.
    Deleted,
}

impl TweetState {
    /// Folds one event in. Holds no rule.
    #[must_use]
    pub const fn evolve(self, event: &TweetEvent) -> Self {
        match event {
            TweetEvent::Posted { author, .. } | TweetEvent::Unhidden { author, .. } => {
                Self::Posted { author: *author, hidden: false }
            }
            TweetEvent::Hidden { author, .. } => Self::Posted { author: *author, hidden: true },
            TweetEvent::Deleted { .. } => Self::Deleted,
        }
    }

    /// Folds a whole history.
    #[must_use]
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a TweetEvent>) -> Self {
        events.into_iter().fold(Self::default(), Self::evolve)
    }
}

/// A rule of the tweet aggregate that a command broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TweetError {
    /// No such tweet, or no longer.
    #[error("there is no such tweet")]
    NotFound,
    /// This tweet was posted before.
    #[error("this tweet is posted already")]
    AlreadyPosted,
    /// Only the author, a moderator or an admin may delete it.
    #[error("only its author or a moderator may delete a tweet")]
    NotYours,
    /// A rule about moderators.
    #[error(transparent)]
    Moderation(#[from] ModerationError),
}

/// What follows from a command in a state: the events, or the rule that refuses it.
///
/// # Errors
/// The [`TweetError`] whose rule the command broke.
pub fn decide(state: TweetState, command: TweetCommand) -> Result<Vec<TweetEvent>, TweetError> {
    match (state, command) {
        (TweetState::Missing, TweetCommand::Post { by, body }) => {
            Ok(vec![TweetEvent::Posted { author: by.id, body: Some(body) }])
        }
        (_, TweetCommand::Post { .. }) => Err(TweetError::AlreadyPosted),
        (TweetState::Missing | TweetState::Deleted, _) => Err(TweetError::NotFound),
        (TweetState::Posted { author, .. }, TweetCommand::Delete { by }) => {
            if by.id == author || by.role >= Role::Moderator {
                Ok(vec![TweetEvent::Deleted { author }])
            } else {
                Err(TweetError::NotYours)
            }
        }
        (
            TweetState::Posted { author: id, hidden },
            TweetCommand::Hide { by, author: role, reason },
        ) => {
            Target { id, role }.within_reach_of(Some(by))?;
            let event = TweetEvent::Hidden { author: id, reason: Some(reason) };
            Ok((!hidden).then_some(event).into_iter().collect())
        }
        (
            TweetState::Posted { author: id, hidden },
            TweetCommand::Unhide { by, author: role, reason },
        ) => {
            Target { id, role }.within_reach_of(Some(by))?;
            let event = TweetEvent::Unhidden { author: id, reason: Some(reason) };
            Ok(hidden.then_some(event).into_iter().collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Decided(Result<Vec<TweetEvent>, TweetError>);
    struct Given(TweetState);

    fn given<const N: usize>(history: [TweetEvent; N]) -> Given {
        Given(TweetState::replay(&history))
    }
    impl Given {
        fn when(self, command: TweetCommand) -> Decided {
            Decided(decide(self.0, command))
        }
    }
    impl Decided {
        fn then<const N: usize>(self, events: [TweetEvent; N]) {
            assert_eq!(self.0, Ok(events.to_vec()));
        }
        fn refused(self, error: TweetError) {
            assert_eq!(self.0, Err(error));
        }
    }

    fn actor(id: u64, role: Role) -> Actor {
        Actor { id: UserId::new(id).unwrap(), role }
    }
    fn ana() -> Actor {
        actor(1, Role::User)
    }
    fn body() -> TweetBody {
        TweetBody::parse("How you doing?", 280).unwrap()
    }
    fn posted_by(who: Actor) -> TweetEvent {
        TweetEvent::Posted { author: who.id, body: Some(body()) }
    }
    fn deleted_of(who: Actor) -> TweetEvent {
        TweetEvent::Deleted { author: who.id }
    }

    #[test]
    fn a_tweet_is_posted_once() {
        given([]).when(TweetCommand::Post { by: ana(), body: body() }).then([posted_by(ana())]);
        given([posted_by(ana())])
            .when(TweetCommand::Post { by: ana(), body: body() })
            .refused(TweetError::AlreadyPosted);
    }

    #[test]
    fn its_author_and_moderators_delete_a_tweet() {
        for by in [ana(), actor(2, Role::Moderator), actor(3, Role::Admin)] {
            given([posted_by(ana())]).when(TweetCommand::Delete { by }).then([deleted_of(ana())]);
        }
        given([posted_by(ana())])
            .when(TweetCommand::Delete { by: actor(2, Role::User) })
            .refused(TweetError::NotYours);
    }

    #[test]
    fn what_is_not_there_cannot_be_deleted() {
        given([]).when(TweetCommand::Delete { by: ana() }).refused(TweetError::NotFound);
        let forgotten = TweetEvent::Posted { author: ana().id, body: None };
        given([forgotten, deleted_of(ana())])
            .when(TweetCommand::Delete { by: ana() })
            .refused(TweetError::NotFound);
    }

    #[test]
    fn a_moderator_hides_a_tweet_once_and_shows_it_again() {
        let moderator = actor(9, Role::Moderator);
        let reason = Reason::parse("spam").unwrap();
        let hide =
            |by, author| TweetCommand::Hide { by, author, reason: Reason::parse("spam").unwrap() };
        let hidden = TweetEvent::Hidden { author: ana().id, reason: Some(reason.clone()) };
        let unhidden = TweetEvent::Unhidden { author: ana().id, reason: Some(reason.clone()) };
        given([posted_by(ana())]).when(hide(moderator, Role::User)).then([hidden.clone()]);
        given([posted_by(ana()), hidden.clone()]).when(hide(moderator, Role::User)).then([]);
        let unhide = TweetCommand::Unhide { by: moderator, author: Role::User, reason };
        given([posted_by(ana()), hidden.clone()]).when(unhide.clone()).then([unhidden.clone()]);
        given([posted_by(ana()), hidden, unhidden]).when(unhide).then([]);
        let refused = |error: ModerationError| TweetError::Moderation(error);
        given([posted_by(ana())])
            .when(hide(ana(), Role::User))
            .refused(refused(ModerationError::NotModerator));
        given([posted_by(ana())])
            .when(hide(moderator, Role::Moderator))
            .refused(refused(ModerationError::OutOfReach));
        given([posted_by(moderator)])
            .when(hide(moderator, Role::Moderator))
            .refused(refused(ModerationError::Yourself));
        given([posted_by(ana()), deleted_of(ana())])
            .when(hide(moderator, Role::User))
            .refused(TweetError::NotFound);
    }
}
