//! Commands, events, state and rules of what moderators do about a person.

use super::target::{ModerationError, Target};
use crate::event::Actor;
use crate::values::Reason;

/// What can be done about a person. Each is lifted as it was imposed, and nothing is lost by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// They are told, until they say that they have read it.
    Warning,
    /// Their tweets are not in everybody's timeline.
    Silence,
    /// Nobody but moderators and themselves sees them, and they change nothing.
    Suspension,
}

impl Measure {
    /// All of them, the mildest first.
    pub const ALL: [Self; 3] = [Self::Warning, Self::Silence, Self::Suspension];

    /// The name in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Silence => "silence",
            Self::Suspension => "suspension",
        }
    }

    /// The measure of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.as_str() == name)
    }
}

/// A request to do something about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModerationCommand {
    /// Put a measure in force.
    Impose(Measure, Reason),
    /// End it.
    Lift(Measure, Reason),
    /// The person has read their warning.
    DismissWarning,
}

/// Something that was done about a person. When and by whom is on the record around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModerationEvent {
    /// A measure is in force.
    Imposed {
        /// Which.
        measure: Measure,
        /// Personal: why; `None` once forgotten.
        reason: Option<Reason>,
    },
    /// It is not any more.
    Lifted {
        /// Which.
        measure: Measure,
        /// Personal: why; `None` once forgotten.
        reason: Option<Reason>,
    },
    /// The person has read their warning.
    WarningDismissed,
}

impl ModerationEvent {
    /// The event's name in the log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Imposed { measure: Measure::Warning, .. } => "UserWarned",
            Self::Imposed { measure: Measure::Silence, .. } => "UserSilenced",
            Self::Imposed { measure: Measure::Suspension, .. } => "UserSuspended",
            Self::Lifted { measure: Measure::Warning, .. } => "UserUnwarned",
            Self::Lifted { measure: Measure::Silence, .. } => "UserUnsilenced",
            Self::Lifted { measure: Measure::Suspension, .. } => "UserUnsuspended",
            Self::WarningDismissed => "UserWarningDismissed",
        }
    }

    /// Why; `None` once forgotten.
    #[must_use]
    pub const fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Imposed { reason, .. } | Self::Lifted { reason, .. } => reason.as_ref(),
            Self::WarningDismissed => None,
        }
    }
}

/// Which measures are in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Standing {
    /// There is a warning that was not read.
    pub warned: bool,
    /// Tweets are kept out of everybody's timeline.
    pub silenced: bool,
    /// Nobody sees them, and they change nothing.
    pub suspended: bool,
}

impl Standing {
    /// Folds one event in. Holds no rule.
    #[must_use]
    pub const fn evolve(mut self, event: &ModerationEvent) -> Self {
        let (measure, in_force) = match event {
            ModerationEvent::Imposed { measure, .. } => (*measure, true),
            ModerationEvent::Lifted { measure, .. } => (*measure, false),
            ModerationEvent::WarningDismissed => (Measure::Warning, false),
        };
        match measure {
            Measure::Warning => self.warned = in_force,
            Measure::Silence => self.silenced = in_force,
            Measure::Suspension => self.suspended = in_force,
        }
        self
    }

    /// Is this measure in force?
    #[must_use]
    pub const fn has(self, measure: Measure) -> bool {
        match measure {
            Measure::Warning => self.warned,
            Measure::Silence => self.silenced,
            Measure::Suspension => self.suspended,
        }
    }

    /// Is none in force?
    #[must_use]
    pub fn is_good(self) -> bool {
        self == Self::default()
    }
}

/// Which measures are in force, and why: the fold of the events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Which are in force.
    pub standing: Standing,
    /// Why the last warning was given, silence and suspension imposed, if any ever was.
    reasons: [Option<Reason>; 3],
}

impl Record {
    /// Folds a whole history.
    #[must_use]
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a ModerationEvent>) -> Self {
        events.into_iter().fold(Self::default(), Self::evolve)
    }

    /// Folds one event in. Holds no rule.
    #[must_use]
    pub fn evolve(mut self, event: &ModerationEvent) -> Self {
        self.standing = self.standing.evolve(event);
        if let ModerationEvent::Imposed { measure, reason } = event {
            self.reasons[*measure as usize].clone_from(reason);
        }
        self
    }

    /// Why a measure is in force; `None` if it is not, or why was forgotten.
    #[must_use]
    pub fn reason(&self, measure: Measure) -> Option<&Reason> {
        self.reasons[measure as usize].as_ref().filter(|_| self.standing.has(measure))
    }
}

/// What follows from a command in a state: the events, or the rule that refuses it. No events
/// means that it is as it should be already; a warning can be given again.
///
/// # Errors
/// The [`ModerationError`] whose rule the command broke.
pub fn decide(
    target: Target,
    standing: Standing,
    by: Option<Actor>,
    command: ModerationCommand,
) -> Result<Vec<ModerationEvent>, ModerationError> {
    let event = match command {
        ModerationCommand::Impose(measure, reason) => {
            target.within_reach_of(by)?;
            let again = measure == Measure::Warning || !standing.has(measure);
            again.then_some(ModerationEvent::Imposed { measure, reason: Some(reason) })
        }
        ModerationCommand::Lift(measure, reason) => {
            target.within_reach_of(by)?;
            let lifted = ModerationEvent::Lifted { measure, reason: Some(reason) };
            standing.has(measure).then_some(lifted)
        }
        ModerationCommand::DismissWarning => {
            if by.is_none_or(|by| by.id != target.id) {
                return Err(ModerationError::OutOfReach);
            }
            standing.warned.then_some(ModerationEvent::WarningDismissed)
        }
    };
    Ok(event.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use crate::values::Role;

    fn reason() -> Reason {
        Reason::parse("spam").unwrap()
    }
    fn imposed(measure: Measure) -> ModerationEvent {
        ModerationEvent::Imposed { measure, reason: Some(reason()) }
    }
    fn lifted(measure: Measure) -> ModerationEvent {
        ModerationEvent::Lifted { measure, reason: Some(reason()) }
    }
    fn actor(id: u64, role: Role) -> Option<Actor> {
        Some(Actor { id: UserId::new(id).unwrap(), role })
    }
    fn decided(
        history: &[ModerationEvent],
        by: Option<Actor>,
        command: ModerationCommand,
    ) -> Result<Vec<ModerationEvent>, ModerationError> {
        let target = Target { id: UserId::new(1).unwrap(), role: Role::User };
        decide(target, Record::replay(history).standing, by, command)
    }

    #[test]
    fn each_measure_is_imposed_and_lifted() {
        let moderator = actor(2, Role::Moderator);
        for measure in Measure::ALL {
            assert_eq!(Measure::named(measure.as_str()), Some(measure));
            let impose = ModerationCommand::Impose(measure, reason());
            let lift = ModerationCommand::Lift(measure, reason());
            let both = [imposed(measure), lifted(measure)];
            assert_eq!(decided(&[], moderator, impose), Ok(vec![imposed(measure)]));
            assert_eq!(decided(&both[..1], moderator, lift.clone()), Ok(vec![lifted(measure)]));
            assert_eq!(decided(&both, moderator, lift), Ok(vec![]));
            assert!(Record::replay(&both).standing.is_good());
            assert_eq!(Record::replay(&both[..1]).reason(measure), Some(&reason()));
            assert_eq!(Record::replay(&both).reason(measure), None);
        }
    }

    #[test]
    fn what_is_in_force_is_imposed_once_but_a_warning_is_given_again() {
        let by = actor(2, Role::Admin);
        let impose = |measure| ModerationCommand::Impose(measure, reason());
        let history = Measure::ALL.map(imposed);
        assert_eq!(decided(&history, by, impose(Measure::Suspension)), Ok(vec![]));
        let warned = decided(&history, by, impose(Measure::Warning));
        assert_eq!(warned, Ok(vec![imposed(Measure::Warning)]));
    }

    #[test]
    fn a_warning_is_dismissed_by_the_warned_alone() {
        let history = [imposed(Measure::Warning)];
        let dismiss = || ModerationCommand::DismissWarning;
        let own = actor(1, Role::User);
        assert_eq!(decided(&history, own, dismiss()), Ok(vec![ModerationEvent::WarningDismissed]));
        assert_eq!(decided(&[], own, dismiss()), Ok(vec![]));
        let other = decided(&history, actor(2, Role::Admin), dismiss());
        assert_eq!(other, Err(ModerationError::OutOfReach));
        assert!(decided(&history, None, dismiss()).is_err());
    }

    #[test]
    fn a_user_does_nothing_about_others_and_the_operator_may() {
        let suspend = || ModerationCommand::Impose(Measure::Suspension, reason());
        let refused = decided(&[], actor(2, Role::User), suspend());
        assert_eq!(refused, Err(ModerationError::NotModerator));
        assert_eq!(decided(&[], None, suspend()), Ok(vec![imposed(Measure::Suspension)]));
    }
}
