//! The JSON shapes that are written today, and how they are read.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, Role, TweetBody, UserId};

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
        },
    }
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
        "UserLoggedIn" => facts(UserEvent::LoggedIn.into())?,
        "UserDeleted" => facts(UserEvent::Deleted.into())?,
        unknown => return Err(StoreError::Corrupt(format!("an event of kind {unknown:?}"))),
    })
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
