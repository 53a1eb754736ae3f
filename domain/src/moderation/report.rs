//! Commands, events, state and rules of a report: small enough to read as one.

use super::target::ModerationError;
use crate::event::Actor;
use crate::id::{TweetId, UserId};
use crate::values::{Reason, Role};

/// Who reports what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filing {
    /// Who reports.
    pub by: UserId,
    /// The person, or the tweet's author.
    pub about: UserId,
    /// The tweet, if it is about one.
    pub tweet: Option<TweetId>,
}

/// A request to report, or to be done with a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportCommand {
    /// Tell moderators of something.
    File(Filing, Reason),
    /// Be done with it.
    Resolve {
        /// Who asks: a moderator.
        by: Actor,
        /// What came of it, if there is something to say.
        reason: Option<Reason>,
    },
}

/// Something that happened to a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportEvent {
    /// Somebody told moderators of something.
    Filed {
        /// Who, and of what.
        filing: Filing,
        /// Personal: why; `None` once forgotten.
        reason: Option<Reason>,
    },
    /// A moderator is done with it.
    Resolved {
        /// What was reported, and who did.
        filing: Filing,
        /// Personal: what came of it; `None` if nothing was said, or once forgotten.
        reason: Option<Reason>,
    },
}

impl ReportEvent {
    /// The event's name in the log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Filed { .. } => "Reported",
            Self::Resolved { .. } => "ReportResolved",
        }
    }

    /// What was said; `None` if nothing was, or once forgotten.
    #[must_use]
    pub const fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Filed { reason, .. } | Self::Resolved { reason, .. } => reason.as_ref(),
        }
    }

    /// What it is about, and who reported it.
    #[must_use]
    pub const fn filing(&self) -> Filing {
        match self {
            Self::Filed { filing, .. } | Self::Resolved { filing, .. } => *filing,
        }
    }
}

/// What is known of a report after some events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReportState {
    /// Never filed.
    #[default]
    Missing,
    /// In the queue.
    Open(Filing),
    /// Done with.
    Resolved,
}

impl ReportState {
    /// Folds a whole history. Holds no rule.
    #[must_use]
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a ReportEvent>) -> Self {
        events.into_iter().fold(Self::default(), |_, event| match event {
            ReportEvent::Filed { filing, .. } => Self::Open(*filing),
            ReportEvent::Resolved { .. } => Self::Resolved,
        })
    }
}

/// A rule about reports that a command broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// No such report.
    #[error("there is no such report")]
    NotFound,
    /// This report was filed before.
    #[error("this report is filed already")]
    AlreadyFiled,
    /// It is about the reporter.
    #[error("nobody reports themselves")]
    Yourself,
    /// A rule about moderators.
    #[error(transparent)]
    Moderation(#[from] ModerationError),
}

/// What follows from a command in a state: the events, or the rule that refuses it. To be done
/// with a report twice is no trouble.
///
/// # Errors
/// The [`ReportError`] whose rule the command broke.
pub fn decide_report(
    state: ReportState,
    command: ReportCommand,
) -> Result<Vec<ReportEvent>, ReportError> {
    match (state, command) {
        (ReportState::Missing, ReportCommand::File(filing, reason)) => {
            if filing.by == filing.about {
                return Err(ReportError::Yourself);
            }
            Ok(vec![ReportEvent::Filed { filing, reason: Some(reason) }])
        }
        (_, ReportCommand::File(..)) => Err(ReportError::AlreadyFiled),
        (_, ReportCommand::Resolve { by, .. }) if by.role < Role::Moderator => {
            Err(ModerationError::NotModerator.into())
        }
        (ReportState::Missing, ReportCommand::Resolve { .. }) => Err(ReportError::NotFound),
        (ReportState::Open(filing), ReportCommand::Resolve { by, .. }) if filing.about == by.id => {
            Err(ModerationError::Yourself.into())
        }
        (ReportState::Open(filing), ReportCommand::Resolve { reason, .. }) => {
            Ok(vec![ReportEvent::Resolved { filing, reason }])
        }
        (ReportState::Resolved, ReportCommand::Resolve { .. }) => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u64) -> UserId {
        UserId::new(n).unwrap()
    }
    fn reason() -> Reason {
        Reason::parse("rude").unwrap()
    }

    #[test]
    fn a_report_is_filed_once_and_not_of_oneself() {
        let filing = Filing { by: id(1), about: id(2), tweet: None };
        let file = |filing| ReportCommand::File(filing, reason());
        let filed = ReportEvent::Filed { filing, reason: Some(reason()) };
        assert_eq!(decide_report(ReportState::Missing, file(filing)), Ok(vec![filed.clone()]));
        let open = ReportState::replay([&filed]);
        assert_eq!(decide_report(open, file(filing)), Err(ReportError::AlreadyFiled));
        let own = Filing { about: id(1), ..filing };
        assert_eq!(decide_report(ReportState::Missing, file(own)), Err(ReportError::Yourself));
    }

    #[test]
    fn a_moderator_resolves_it_and_once_is_enough() {
        let filing = Filing { by: id(1), about: id(2), tweet: TweetId::new(7).ok() };
        let resolve = |role| ReportCommand::Resolve { by: Actor { id: id(3), role }, reason: None };
        let open = ReportState::Open(filing);
        let resolved = ReportEvent::Resolved { filing, reason: None };
        let done = decide_report(open, resolve(Role::Moderator));
        assert_eq!(done, Ok(vec![resolved.clone()]));
        let again = ReportState::replay([&resolved]);
        assert_eq!(decide_report(again, resolve(Role::Admin)), Ok(vec![]));
        let own = ReportState::Open(Filing { about: id(3), ..filing });
        let refused = decide_report(own, resolve(Role::Admin));
        assert_eq!(refused, Err(ModerationError::Yourself.into()), "nobody judges themselves");
        let refused = decide_report(open, resolve(Role::User));
        assert_eq!(refused, Err(ModerationError::NotModerator.into()));
        let missing = decide_report(ReportState::Missing, resolve(Role::Admin));
        assert_eq!(missing, Err(ReportError::NotFound));
    }
}
