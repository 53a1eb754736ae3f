//! The JSON shapes that are written today, and how they are read.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use siskin_domain::moderation::{Filing, Measure, ModerationEvent, ReportEvent};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, Reason, Role, TweetBody, TweetId, UserId};

use super::StoreError;

/// The schema number of every shape below.
pub(super) const SCHEMA: u32 = 1;

const NO_FACTS: Cow<'static, str> = Cow::Borrowed("{}");

/// The facts of a user's role.
#[derive(Serialize, Deserialize)]
struct RoleFacts {
    role: Role,
}

/// The facts of a tweet.
#[derive(Serialize, Deserialize)]
struct TweetFacts {
    author: UserId,
}

/// The personal part of a tweet, as it is written.
#[derive(Serialize)]
struct BodyOut<'a> {
    body: &'a str,
}

/// The personal part of a tweet, as it is read.
#[derive(Deserialize)]
struct BodyIn {
    body: TweetBody,
}

/// The facts of a report.
#[derive(Serialize, Deserialize)]
struct FilingFacts {
    by: UserId,
    about: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tweet: Option<TweetId>,
}

/// The personal part of whatever has a reason.
#[derive(Serialize, Deserialize)]
struct Why<'a> {
    reason: Cow<'a, Reason>,
}

/// The facts and the personal part of an event.
pub(super) fn write(event: &Event) -> (Cow<'static, str>, Option<String>) {
    match event {
        Event::User(event) => match event {
            UserEvent::Created { role, profile } => {
                (json(&RoleFacts { role: *role }).into(), profile.as_ref().map(json))
            }
            UserEvent::Updated { changes } => (NO_FACTS, changes.as_ref().map(json)),
            UserEvent::RoleUpdated { role } => (json(&RoleFacts { role: *role }).into(), None),
            UserEvent::PasswordUpdated | UserEvent::LoggedIn | UserEvent::Deleted => {
                (NO_FACTS, None)
            }
        },
        Event::Tweet(event) => match event {
            TweetEvent::Posted { author, body } => {
                let body = body.as_ref().map(|body| json(&BodyOut { body: body.as_str() }));
                (json(&TweetFacts { author: *author }).into(), body)
            }
            TweetEvent::Deleted { author } => (json(&TweetFacts { author: *author }).into(), None),
            TweetEvent::Hidden { author, reason } | TweetEvent::Unhidden { author, reason } => {
                (json(&TweetFacts { author: *author }).into(), why(reason.as_ref()))
            }
        },
        Event::Moderation(event) => match event {
            ModerationEvent::Imposed { reason, .. } | ModerationEvent::Lifted { reason, .. } => {
                (NO_FACTS, why(reason.as_ref()))
            }
            ModerationEvent::WarningDismissed => (NO_FACTS, None),
        },
        Event::Report(
            ReportEvent::Filed { filing, reason } | ReportEvent::Resolved { filing, reason },
        ) => {
            let Filing { by, about, tweet } = *filing;
            (json(&FilingFacts { by, about, tweet }).into(), why(reason.as_ref()))
        }
    }
}

fn why(reason: Option<&Reason>) -> Option<String> {
    reason.map(|reason| json(&Why { reason: Cow::Borrowed(reason) }))
}

/// The event of a kind from its facts and its personal part.
pub(super) fn read(kind: &str, data: &str, personal: Option<&str>) -> Result<Event, StoreError> {
    let facts = |event: Event| parse::<serde::de::IgnoredAny>(kind, data).map(|_| event);
    Ok(match kind {
        "TweetPosted" => TweetEvent::Posted {
            author: parse::<TweetFacts>(kind, data)?.author,
            body: read_personal::<BodyIn>(kind, personal)?.map(|personal| personal.body),
        }
        .into(),
        "TweetDeleted" => {
            TweetEvent::Deleted { author: parse::<TweetFacts>(kind, data)?.author }.into()
        }
        "UserCreated" => UserEvent::Created {
            role: parse::<RoleFacts>(kind, data)?.role,
            profile: read_personal(kind, personal)?,
        }
        .into(),
        "UserUpdated" => {
            facts(UserEvent::Updated { changes: read_personal(kind, personal)? }.into())?
        }
        "UserRoleUpdated" => {
            UserEvent::RoleUpdated { role: parse::<RoleFacts>(kind, data)?.role }.into()
        }
        "PasswordUpdated" => facts(UserEvent::PasswordUpdated.into())?,
        "TweetHidden" => TweetEvent::Hidden {
            author: parse::<TweetFacts>(kind, data)?.author,
            reason: reason(kind, personal)?,
        }
        .into(),
        "TweetUnhidden" => TweetEvent::Unhidden {
            author: parse::<TweetFacts>(kind, data)?.author,
            reason: reason(kind, personal)?,
        }
        .into(),
        "UserWarned" => facts(imposed(Measure::Warning, kind, personal)?)?,
        "UserSilenced" => facts(imposed(Measure::Silence, kind, personal)?)?,
        "UserSuspended" => facts(imposed(Measure::Suspension, kind, personal)?)?,
        "UserUnwarned" => facts(lifted(Measure::Warning, kind, personal)?)?,
        "UserUnsilenced" => facts(lifted(Measure::Silence, kind, personal)?)?,
        "UserUnsuspended" => facts(lifted(Measure::Suspension, kind, personal)?)?,
        "UserWarningDismissed" => facts(ModerationEvent::WarningDismissed.into())?,
        "Reported" => {
            let (filing, reason) = (filing(kind, data)?, reason(kind, personal)?);
            ReportEvent::Filed { filing, reason }.into()
        }
        "ReportResolved" => {
            let (filing, reason) = (filing(kind, data)?, reason(kind, personal)?);
            ReportEvent::Resolved { filing, reason }.into()
        }
        "UserLoggedIn" => facts(UserEvent::LoggedIn.into())?,
        "UserDeleted" => facts(UserEvent::Deleted.into())?,
        unknown => return Err(StoreError::Corrupt(format!("an event of kind {unknown:?}"))),
    })
}

fn imposed(measure: Measure, kind: &str, personal: Option<&str>) -> Result<Event, StoreError> {
    Ok(ModerationEvent::Imposed { measure, reason: reason(kind, personal)? }.into())
}

fn lifted(measure: Measure, kind: &str, personal: Option<&str>) -> Result<Event, StoreError> {
    Ok(ModerationEvent::Lifted { measure, reason: reason(kind, personal)? }.into())
}

fn reason(kind: &str, personal: Option<&str>) -> Result<Option<Reason>, StoreError> {
    Ok(read_personal::<Why<'_>>(kind, personal)?.map(|why| why.reason.into_owned()))
}

fn filing(kind: &str, data: &str) -> Result<Filing, StoreError> {
    let FilingFacts { by, about, tweet } = parse(kind, data)?;
    Ok(Filing { by, about, tweet })
}

fn read_personal<'a, T: Deserialize<'a>>(
    kind: &str,
    text: Option<&'a str>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| parse(kind, text)).transpose()
}

/// The error names the kind and the place, never the text: that may be personal.
fn parse<'a, T: Deserialize<'a>>(kind: &str, text: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| {
        StoreError::Corrupt(format!(
            "a {kind} that does not fit its schema ({:?} at column {})",
            error.classify(),
            error.column()
        ))
    })
}

fn json<T: Serialize>(value: &T) -> String {
    // Structs of numbers and texts: serde_json can't refuse them.
    serde_json::to_string(value).unwrap_or_default()
}
