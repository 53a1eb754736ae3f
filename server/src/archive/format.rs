//! The lines of an archive: one JSON object each, named by its one key.
//!
//! In this order: one `header`, the `event`s by position, the `credential`s by user, one `end`.
//! Whatever changes here, a new key included, raises [`VERSION`]; `docs/ARCHIVE.md` has the rule.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use siskin_domain::{Position, Recorded, Timestamp, UserId};

use super::digest::Digests;
use crate::storage::codec::{self, Stored};
use crate::storage::{Credential, StoreError, StoredHash};

/// The format's name.
pub const FORMAT: &str = "siskin-archive";
/// The version of the format that is written; no other is read.
pub const VERSION: u32 = 1;
/// The longest line, its line feed included: ten times what a tweet of 10,000 characters takes.
pub const MAX_LINE: usize = 1 << 20;
/// The base-2 logarithm of the largest window that a reader makes room for: 8 MiB.
pub const MAX_WINDOW_LOG: u32 = 23;

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Line<'a> {
    /// The first.
    Header(Header),
    /// An event.
    #[serde(borrow)]
    Event(EventLine<'a>),
    /// A credential: the only secret there is.
    #[serde(borrow)]
    Credential(CredentialLine<'a>),
    /// The last.
    End(End),
}

/// The first line: what this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The siskin that wrote it.
    pub software: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// How many events the log had then; [`End::events`] may be more.
    pub events: u64,
    /// The position of the last one.
    pub position: Position,
}

/// The last line: what should have been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// How many events there are.
    pub events: u64,
    /// The position of the last one.
    pub position: Position,
    /// How many credentials there are.
    pub credentials: u64,
    /// What the projections are after the last event.
    pub projections: Digests,
    /// SHA-256 of all lines before this one, line feeds included, in hexadecimal digits.
    pub sha256: String,
}

/// An event, in the shape that the stores keep.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventLine<'a> {
    position: u64,
    #[serde(borrow)]
    stream: Cow<'a, str>,
    version: u64,
    /// Unix milliseconds.
    at: i64,
    actor: Option<UserId>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    schema: u32,
    #[serde(borrow)]
    data: Cow<'a, RawValue>,
    #[serde(borrow)]
    personal: Option<Cow<'a, RawValue>>,
}

/// A credential.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialLine<'a> {
    user: UserId,
    #[serde(borrow)]
    hash: Cow<'a, str>,
}

impl std::fmt::Debug for CredentialLine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CredentialLine(***)")
    }
}

impl EventLine<'_> {
    /// The line of an event.
    pub(super) fn of(recorded: &Recorded) -> Result<EventLine<'static>, StoreError> {
        let raw = |text: String| {
            let wrong = |_| StoreError::Corrupt("an event that is not JSON".to_owned());
            RawValue::from_string(text).map(Cow::Owned).map_err(wrong)
        };
        let encoded = codec::encode(&recorded.event);
        Ok(EventLine {
            position: recorded.position.0,
            stream: recorded.stream.to_string().into(),
            version: recorded.version,
            at: recorded.at.unix_ms(),
            actor: recorded.actor,
            kind: encoded.kind.into(),
            schema: encoded.schema,
            data: raw(encoded.data.into_owned())?,
            personal: encoded.personal.map(raw).transpose()?,
        })
    }

    /// The event of a line; says in words what is wrong with it.
    pub(super) fn read(&self) -> Result<Recorded, String> {
        let stored = Stored {
            kind: &self.kind,
            schema: self.schema,
            data: self.data.get(),
            personal: self.personal.as_ref().map(|personal| personal.get()),
        };
        Ok(Recorded {
            position: Position(self.position),
            stream: self.stream.parse().map_err(|_| "not a stream".to_owned())?,
            version: self.version,
            at: Timestamp::from_unix_ms(self.at),
            actor: self.actor,
            event: codec::decode(stored).map_err(|error| match error {
                StoreError::Corrupt(what) => what,
                other => other.to_string(),
            })?,
        })
    }
}

impl<'a> CredentialLine<'a> {
    /// The line of a credential.
    pub(super) fn of(credential: &'a Credential) -> Self {
        Self { user: credential.user, hash: Cow::Borrowed(&credential.hash.0) }
    }

    /// The credential of a line.
    pub(super) fn read(&self) -> Credential {
        Credential { user: self.user, hash: StoredHash(self.hash.clone().into_owned()) }
    }
}

/// As much of a first line as every version has.
#[derive(Deserialize)]
pub(super) struct AnyHeader<'a> {
    #[serde(borrow)]
    pub(super) header: AnyVersion<'a>,
}

/// What it is, and of which version.
#[derive(Deserialize)]
pub(super) struct AnyVersion<'a> {
    pub(super) format: &'a str,
    pub(super) version: u32,
}
