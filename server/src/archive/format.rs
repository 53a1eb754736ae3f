//! The lines of an archive: one JSON object each, named by its one key.
//!
//! In this order: one `header`, the `event`s by position, the `credential`s by user, the `proof`s by
//! key, one `end`.
//! Whatever changes here, a new key included, raises [`VERSION`]; `docs/ARCHIVE.md` has the rule.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use siskin_domain::{Position, Recorded, Timestamp, UserId};

use super::digest::{Digests, hex};
use crate::storage::codec::{self, Stored};
use crate::storage::{Credential, Proof, ProofKey, ProofKind, StoreError, StoredHash};

/// The format's name.
pub const FORMAT: &str = "siskin-archive";
/// The version of the format that is written.
pub const VERSION: u32 = 2;
/// The oldest version that is read: it has no proofs.
pub const OLDEST_VERSION: u32 = 1;
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
    /// A credential: a secret.
    #[serde(borrow)]
    Credential(CredentialLine<'a>),
    /// A proof: a secret too.
    #[serde(borrow)]
    Proof(ProofLine<'a>),
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
    /// How many proofs there are.
    #[serde(default)]
    pub proofs: u64,
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

/// What proves who somebody is, beside the password.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProofLine<'a> {
    /// In hexadecimal digits.
    #[serde(borrow)]
    key: Cow<'a, str>,
    user: UserId,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    label: Cow<'a, str>,
    #[serde(borrow)]
    data: Cow<'a, str>,
    revision: u32,
    /// Unix milliseconds, as is the next.
    created_at: i64,
    used_at: Option<i64>,
}

impl std::fmt::Debug for ProofLine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofLine(***)")
    }
}

impl<'a> ProofLine<'a> {
    /// The line of a proof; `None` for one that belongs to nobody.
    pub(super) fn of(proof: &'a Proof) -> Option<Self> {
        Some(Self {
            key: hex(&proof.key.0).into(),
            user: proof.user?,
            kind: proof.kind.as_str().into(),
            label: Cow::Borrowed(&proof.label),
            data: Cow::Borrowed(&proof.data),
            revision: proof.revision,
            created_at: proof.created_at.unix_ms(),
            used_at: proof.used_at.map(Timestamp::unix_ms),
        })
    }

    /// The proof of a line; says in words what is wrong with it.
    pub(super) fn read(&self) -> Result<Proof, String> {
        let kind = ProofKind::named(&self.kind).filter(|kind| kind.lasts());
        Ok(Proof {
            key: ProofKey(unhex(&self.key).ok_or("not a key")?),
            user: Some(self.user),
            kind: kind.ok_or("a proof of an unknown kind")?,
            label: self.label.clone().into_owned(),
            data: self.data.clone().into_owned(),
            revision: self.revision,
            created_at: Timestamp::from_unix_ms(self.created_at),
            used_at: self.used_at.map(Timestamp::from_unix_ms),
            expires_at: None,
        })
    }
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, place) in bytes.iter_mut().zip(0..) {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
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
