//! Events: what has happened, as the log records it.
//!
//! Each event has facts, which stay for ever, and perhaps a *personal* part, which can be
//! forgotten: erasing an account empties the personal parts and edits nothing else, so a replay
//! still works afterwards (`docs/adr/0004-personal-data-and-deletion.md`). A personal part is
//! therefore always an `Option`, and `None` means *forgotten*.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{ReportId, TweetId, UserId};
use crate::moderation::{ModerationEvent, ReportEvent};
use crate::time::Timestamp;
use crate::tweet::TweetEvent;
use crate::user::UserEvent;
use crate::values::Role;

/// Any event of any aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Of a user.
    User(UserEvent),
    /// Of a tweet.
    Tweet(TweetEvent),
    /// Of what moderators do about a user.
    Moderation(ModerationEvent),
    /// Of a report.
    Report(ReportEvent),
}

/// The names of the events that are acts of staff, whomever they are about.
pub const ACTS: [&str; 10] = [
    "UserRoleUpdated",
    "UserWarned",
    "UserUnwarned",
    "UserSilenced",
    "UserUnsilenced",
    "UserSuspended",
    "UserUnsuspended",
    "TweetHidden",
    "TweetUnhidden",
    "ReportResolved",
];

/// The names of the events of a user that are acts of staff if somebody else than that user, or
/// the operator, caused them.
pub const ACTS_ON_OTHERS: [&str; 4] =
    ["UserCreated", "UserUpdated", "PasswordUpdated", "UserDeleted"];

/// The name of the event of a tweet that is an act of staff if somebody else than its author
/// caused it.
pub const ACT_ON_OTHERS_TWEET: &str = "TweetDeleted";

impl Event {
    /// The event's name in the log: `UserCreated`, `TweetPosted`, …
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(event) => event.kind(),
            Self::Tweet(event) => event.kind(),
            Self::Moderation(event) => event.kind(),
            Self::Report(event) => event.kind(),
        }
    }

    /// The version of the shape that is written today; old shapes are upcast on read.
    #[must_use]
    pub const fn schema(&self) -> u32 {
        1
    }
}

impl From<UserEvent> for Event {
    fn from(event: UserEvent) -> Self {
        Self::User(event)
    }
}
impl From<TweetEvent> for Event {
    fn from(event: TweetEvent) -> Self {
        Self::Tweet(event)
    }
}
impl From<ModerationEvent> for Event {
    fn from(event: ModerationEvent) -> Self {
        Self::Moderation(event)
    }
}
impl From<ReportEvent> for Event {
    fn from(event: ReportEvent) -> Self {
        Self::Report(event)
    }
}

/// Who asks: their id and what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The person.
    pub id: UserId,
    /// Their role at this moment.
    pub role: Role,
}

/// The place of an event in the whole log: 1, 2, 3, … without gaps in order of commit.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The stream that an event belongs to: one aggregate's history.
///
/// Written `user-1234`, `logins-1234`, `moderation-1234`, `tweet-5678`, `report-9012`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StreamId {
    /// A user's history, log-ins left out: its length is the user's `version`.
    User(UserId),
    /// A user's log-ins: many, and no rule reads them, so they have a stream of their own.
    Logins(UserId),
    /// What moderators have done about a user: not the user's own, so it changes no `version`.
    Moderation(UserId),
    /// A tweet's history.
    Tweet(TweetId),
    /// A report's history.
    Report(ReportId),
}

impl StreamId {
    /// When the id of what it is about was made.
    #[must_use]
    pub const fn made_at(self) -> Timestamp {
        match self {
            Self::User(id) | Self::Logins(id) | Self::Moderation(id) => id.made_at(),
            Self::Tweet(id) => id.made_at(),
            Self::Report(id) => id.made_at(),
        }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user-{id}"),
            Self::Logins(id) => write!(f, "logins-{id}"),
            Self::Moderation(id) => write!(f, "moderation-{id}"),
            Self::Tweet(id) => write!(f, "tweet-{id}"),
            Self::Report(id) => write!(f, "report-{id}"),
        }
    }
}

/// The text does not name a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stream is named user-N, logins-N, moderation-N, tweet-N or report-N")]
pub struct InvalidStream;

impl FromStr for StreamId {
    type Err = InvalidStream;
    fn from_str(text: &str) -> Result<Self, InvalidStream> {
        let (kind, id) = text.split_once('-').ok_or(InvalidStream)?;
        match kind {
            "user" => id.parse().map(Self::User),
            "logins" => id.parse().map(Self::Logins),
            "moderation" => id.parse().map(Self::Moderation),
            "tweet" => id.parse().map(Self::Tweet),
            "report" => id.parse().map(Self::Report),
            _ => return Err(InvalidStream),
        }
        .map_err(|_| InvalidStream)
    }
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Where in the whole log.
    pub position: Position,
    /// Of which stream.
    pub stream: StreamId,
    /// Where in that stream: 1, 2, 3, …
    pub version: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// Who caused it; nobody for what the operator did at the command line.
    pub actor: Option<UserId>,
    /// What happened.
    pub event: Event,
}

impl Recorded {
    /// Is it an act of staff, and so part of the audit log: what moderators do, and whatever is
    /// done to somebody's account or tweets by somebody else?
    #[must_use]
    pub fn is_act(&self) -> bool {
        let kind = self.event.kind();
        let owner = match (&self.event, self.stream) {
            (Event::Tweet(TweetEvent::Deleted { author }), _) => Some(*author),
            (Event::User(_), StreamId::User(id)) if ACTS_ON_OTHERS.contains(&kind) => Some(id),
            _ => None,
        };
        owner.map_or_else(|| ACTS.contains(&kind), |owner| self.actor != Some(owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_are_what_staff_do_and_what_is_done_to_others() {
        let user = |id| UserId::new(id).unwrap();
        let (ana, tweet) = (user(7), StreamId::Tweet(TweetId::new(9).unwrap()));
        let is_act = |stream, actor, event: Event| {
            let (position, version, at) = (Position(1), 1, Timestamp::from_unix_ms(0));
            Recorded { position, stream, version, at, actor, event }.is_act()
        };
        let on_others: [(StreamId, Event); 5] = [
            (StreamId::User(ana), UserEvent::Created { role: Role::Admin, profile: None }.into()),
            (StreamId::User(ana), UserEvent::Updated { changes: None }.into()),
            (StreamId::User(ana), UserEvent::PasswordUpdated.into()),
            (StreamId::User(ana), UserEvent::Deleted.into()),
            (tweet, TweetEvent::Deleted { author: ana }.into()),
        ];
        for (stream, event) in on_others {
            assert!(!is_act(stream, Some(ana), event.clone()), "{event:?}");
            assert!(is_act(stream, Some(user(8)), event.clone()), "{event:?}");
            assert!(is_act(stream, None, event), "the operator");
        }
        let role = UserEvent::RoleUpdated { role: Role::User };
        assert!(is_act(StreamId::User(ana), Some(ana), role.into()), "also one's own");
        let posted = TweetEvent::Posted { author: ana, body: None };
        assert!(!is_act(tweet, Some(user(8)), posted.into()));
        assert!(!is_act(StreamId::Logins(ana), None, UserEvent::LoggedIn.into()));
    }

    #[test]
    fn stream_names_are_read_back() {
        let id = UserId::new(7).unwrap();
        for stream in [
            StreamId::User(id),
            StreamId::Logins(id),
            StreamId::Moderation(id),
            StreamId::Tweet(TweetId::new(9).unwrap()),
            StreamId::Report(ReportId::new(9).unwrap()),
        ] {
            assert_eq!(stream.to_string().parse(), Ok(stream));
        }
        for text in ["", "user", "user-", "user-0", "user-x", "cat-1"] {
            assert_eq!(text.parse::<StreamId>(), Err(InvalidStream), "{text}");
        }
    }
}
