//! Events as every store keeps them: a kind, a schema number, facts, and the personal part.
//!
//! The facts (`data`) and the personal part (`personal`) are two JSON texts, so that a store
//! can forget the second and leave the first untouched
//! (`docs/adr/0004-personal-data-and-deletion.md`). What is written has the shape of today;
//! what is read may be older, and is upcast step by step before it becomes an [`Event`].

mod shapes;
mod upcast;

use std::borrow::Cow;

use siskin_domain::Event;

use super::StoreError;

/// An event, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The event's name: `TweetPosted`, …
    pub kind: &'static str,
    /// The version of its shape.
    pub schema: u32,
    /// The facts, as JSON; they stay for ever.
    pub data: Cow<'static, str>,
    /// The personal part, as JSON; `None` if there is none, or none any more.
    pub personal: Option<String>,
}

/// An event, as a store holds it.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// The event's name.
    pub kind: &'a str,
    /// The version of its shape.
    pub schema: u32,
    /// The facts, as JSON.
    pub data: &'a str,
    /// The personal part, as JSON, unless it was forgotten.
    pub personal: Option<&'a str>,
}

/// Writes an event in the shape of today.
#[must_use]
pub fn encode(event: &Event) -> Encoded {
    let (data, personal) = shapes::write(event);
    Encoded { kind: event.kind(), schema: event.schema(), data, personal }
}

/// Reads an event of any shape that was ever written.
///
/// # Errors
/// [`StoreError::Corrupt`] for a kind or a schema that this version does not know, and for JSON
/// that does not fit it.
pub fn decode(stored: Stored<'_>) -> Result<Event, StoreError> {
    decode_with(upcast::STEPS, stored)
}

fn decode_with(steps: &[upcast::Step], stored: Stored<'_>) -> Result<Event, StoreError> {
    if stored.schema == shapes::SCHEMA {
        return shapes::read(stored.kind, stored.data, stored.personal);
    }
    let (data, personal) = upcast::to_current(steps, stored)?;
    shapes::read(stored.kind, &data, personal.as_deref())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use siskin_domain::moderation::{Filing, Measure, ModerationEvent, ReportEvent};
    use siskin_domain::tweet::TweetEvent;
    use siskin_domain::user::{Profile, ProfileUpdate, UserEvent};
    use siskin_domain::{
        Bio, DisplayName, Email, Reason, Role, TweetBody, TweetId, UserId, Username,
    };

    use super::*;

    fn every_event() -> Vec<Event> {
        let ana = UserId::new(7).unwrap();
        let profile = Profile {
            username: Username::parse("ana").unwrap(),
            email: Email::parse("ana@example.org").unwrap(),
            name: DisplayName::parse("Ana \"A\" Ñ").unwrap(),
        };
        let changes =
            ProfileUpdate { bio: Some(Bio::parse("Hi\nthere").unwrap()), ..Default::default() };
        let body = TweetBody::recorded("\"quoted\" \\ 👍 \u{2028}".to_owned());
        let reason = Some(Reason::parse("\"spam\"\n👍").unwrap());
        let filing = Filing { by: ana, about: UserId::new(8).unwrap(), tweet: None };
        let of_tweet = Filing { tweet: TweetId::new(9).ok(), ..filing };
        let measures = Measure::ALL.into_iter().flat_map(|measure| {
            [
                ModerationEvent::Imposed { measure, reason: reason.clone() }.into(),
                ModerationEvent::Imposed { measure, reason: None }.into(),
                ModerationEvent::Lifted { measure, reason: reason.clone() }.into(),
            ]
        });
        let mut events = vec![
            UserEvent::Created { role: Role::Admin, profile: Some(profile) }.into(),
            UserEvent::Created { role: Role::User, profile: None }.into(),
            UserEvent::Updated { changes: Some(changes) }.into(),
            UserEvent::Updated { changes: None }.into(),
            UserEvent::PasswordUpdated.into(),
            UserEvent::LoggedIn.into(),
            UserEvent::RoleUpdated { role: Role::Moderator }.into(),
            UserEvent::Deleted.into(),
            TweetEvent::Posted { author: ana, body: Some(body) }.into(),
            TweetEvent::Posted { author: ana, body: None }.into(),
            TweetEvent::Deleted { author: ana }.into(),
            TweetEvent::Hidden { author: ana, reason: reason.clone() }.into(),
            TweetEvent::Unhidden { author: ana, reason: None }.into(),
            ModerationEvent::WarningDismissed.into(),
            ReportEvent::Filed { filing, reason: reason.clone() }.into(),
            ReportEvent::Filed { filing: of_tweet, reason: None }.into(),
            ReportEvent::Resolved { filing: of_tweet, reason: reason.clone() }.into(),
            ReportEvent::Resolved { filing, reason: None }.into(),
        ];
        events.extend(measures);
        events
    }

    fn stored(encoded: &Encoded) -> Stored<'_> {
        Stored {
            kind: encoded.kind,
            schema: encoded.schema,
            data: &encoded.data,
            personal: encoded.personal.as_deref(),
        }
    }

    #[test]
    fn every_event_is_read_back_as_it_was() {
        for event in every_event() {
            let encoded = encode(&event);
            assert_eq!(decode(stored(&encoded)).unwrap(), event, "{encoded:?}");
        }
    }

    #[test]
    fn the_shape_on_disk_is_fixed() {
        let shape = |event: &Event| {
            let encoded = encode(event);
            (encoded.kind, encoded.data.into_owned(), encoded.personal)
        };
        let events = every_event();
        let name = r#"{"username":"ana","email":"ana@example.org","name":"Ana \"A\" Ñ"}"#;
        assert_eq!(
            shape(&events[0]),
            ("UserCreated", r#"{"role":"admin"}"#.into(), Some(name.into()))
        );
        assert_eq!(
            shape(&events[2]),
            ("UserUpdated", "{}".into(), Some(r#"{"bio":"Hi\nthere"}"#.into()))
        );
        let body = "{\"body\":\"\\\"quoted\\\" \\\\ 👍 \u{2028}\"}";
        assert_eq!(shape(&events[8]), ("TweetPosted", r#"{"author":7}"#.into(), Some(body.into())));
    }

    #[test]
    fn facts_hold_nothing_personal() {
        for event in every_event() {
            let data = encode(&event).data;
            for word in ["ana", "Ana", "example", "there", "quoted"] {
                assert!(!data.contains(word), "{data}");
            }
        }
    }

    #[test]
    fn a_forgotten_personal_part_is_none() {
        for event in every_event() {
            let encoded = encode(&event);
            let forgotten = Stored { personal: None, ..stored(&encoded) };
            assert!(encode(&decode(forgotten).unwrap()).personal.is_none());
        }
    }

    #[test]
    fn what_is_not_understood_is_corrupt() {
        for (kind, schema, data, personal) in [
            ("TweetLiked", 1, "{}", None),
            ("TweetPosted", 2, r#"{"author":7}"#, None),
            ("TweetPosted", 0, r#"{"author":7}"#, None),
            ("TweetPosted", 1, "{}", None),
            ("TweetPosted", 1, r#"{"author":0}"#, None),
            ("TweetPosted", 1, r#"{"author":7}"#, Some("7")),
            ("UserCreated", 1, r#"{"role":"king"}"#, None),
            ("UserDeleted", 1, "", None),
        ] {
            let read = decode(Stored { kind, schema, data, personal });
            assert!(matches!(read, Err(StoreError::Corrupt(_))), "{kind} {schema} {data} {read:?}");
        }
    }

    /// Two shapes that never were: in schema -1 terms, `writer` became `user`, then `author`.
    const MADE_UP: &[upcast::Step] = &[
        upcast::Step {
            kind: "TweetPosted",
            from: 10,
            to: 11,
            up: |payload| {
                let writer = payload.data["writer"].take();
                payload.data = json!({ "user": writer });
            },
        },
        upcast::Step {
            kind: "TweetPosted",
            from: 11,
            to: shapes::SCHEMA,
            up: |payload| {
                payload.data = json!({ "author": payload.data["user"].take() });
                payload.personal = payload.personal.take().map(|text| json!({ "body": text }));
            },
        },
    ];

    #[test]
    fn old_shapes_are_upcast_step_by_step() {
        let old = Stored {
            kind: "TweetPosted",
            schema: 10,
            data: r#"{"writer":7}"#,
            personal: Some(r#""old words""#),
        };
        let body = TweetBody::recorded("old words".to_owned());
        let author = UserId::new(7).unwrap();
        let event = decode_with(MADE_UP, old).unwrap();
        assert_eq!(event, TweetEvent::Posted { author, body: Some(body) }.into());
        let other_kind = Stored { kind: "TweetDeleted", ..old };
        assert!(matches!(decode_with(MADE_UP, other_kind), Err(StoreError::Corrupt(_))));
    }
}
