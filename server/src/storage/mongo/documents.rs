//! The documents as they are stored: plain to read in `mongosh`, times as dates, ids as longs.

use mongodb::bson::{Binary, DateTime, Document, spec::BinarySubtype};
use serde::{Deserialize, Serialize};
use siskin_domain::moderation::{Filing, Standing};
use siskin_domain::{Id, Position, Recorded, StreamId, Timestamp};

use crate::storage::codec::{self, Stored};
use crate::storage::{
    Answer, AnswerKey, Client, Credential, OwnSession, Report, Scopes, Session, SessionId,
    SessionKind, StoreError, StoredHash, TokenHash,
};

/// `events`: one document per event, written once. `personal` is what can be forgotten.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EventDoc {
    /// The position.
    #[serde(rename = "_id")]
    pub(super) position: i64,
    pub(super) stream: String,
    pub(super) version: i64,
    pub(super) kind: String,
    pub(super) schema: i64,
    pub(super) at: DateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) actor: Option<i64>,
    pub(super) data: Document,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) personal: Option<Document>,
    /// The position once more, if it is an act of staff: the audit log's sparse index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) act: Option<i64>,
}

/// `users`: the people who are there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct UserDoc {
    #[serde(rename = "_id")]
    pub(super) id: i64,
    pub(super) username: String,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) bio: String,
    pub(super) role: String,
    pub(super) created_at: DateTime,
    pub(super) tweets_count: i64,
    pub(super) version: i64,
    /// Which measures of moderators are in force; absent if none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) standing: Option<StandingDoc>,
}

/// Which measures of moderators are in force.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct StandingDoc {
    warned: bool,
    silenced: bool,
    suspended: bool,
}

/// `reports`: who reported what. Reasons are in the log alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ReportDoc {
    #[serde(rename = "_id")]
    pub(super) id: i64,
    pub(super) reporter: i64,
    pub(super) about: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tweet: Option<i64>,
    pub(super) at: DateTime,
    /// True while it is in the queue, and absent after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) open: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resolved_at: Option<DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resolved_by: Option<i64>,
}

/// `tweets`: the tweets that are there. `tweetedby` is the author's `_id` in `users`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct TweetDoc {
    #[serde(rename = "_id")]
    pub(super) id: i64,
    pub(super) tweetedby: i64,
    pub(super) body: String,
    pub(super) timestamp: DateTime,
    /// True if a moderator has hidden it, and absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hidden: Option<bool>,
}

/// `credentials`: one password hash per user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CredentialDoc {
    #[serde(rename = "_id")]
    pub(super) user: i64,
    pub(super) hash: String,
}

/// `sessions`: known by the hash of their secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SessionDoc {
    #[serde(rename = "_id")]
    pub(super) token: Binary,
    pub(super) user: i64,
    pub(super) kind: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) device: String,
    #[serde(default)]
    pub(super) place: String,
    /// Sessions from before there were scopes have none here and may do everything.
    #[serde(default)]
    pub(super) scopes: Option<Vec<String>>,
    pub(super) created_at: DateTime,
    pub(super) last_seen_at: DateTime,
    pub(super) expires_at: DateTime,
}

/// `answers`: kept for repeated requests, sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AnswerDoc {
    #[serde(rename = "_id")]
    pub(super) key: Binary,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<i64>,
    pub(super) fingerprint: Binary,
    pub(super) sealed: Binary,
    pub(super) expires_at: DateTime,
}

impl EventDoc {
    pub(super) fn of(event: &Recorded) -> Result<Self, StoreError> {
        let encoded = codec::encode(&event.event);
        Ok(Self {
            position: event.position.0 as i64,
            stream: event.stream.to_string(),
            version: event.version as i64,
            kind: encoded.kind.to_owned(),
            schema: i64::from(encoded.schema),
            at: date(event.at),
            actor: event.actor.map(long),
            data: document(&encoded.data)?,
            personal: encoded.personal.as_deref().map(document).transpose()?,
            act: event.is_act().then_some(event.position.0 as i64),
        })
    }

    pub(super) fn recorded(self) -> Result<Recorded, StoreError> {
        let position = self.position;
        let here = |what: &str| StoreError::Corrupt(format!("event {position}: {what}"));
        let stream: StreamId = self.stream.parse().map_err(|_| here("not a stream"))?;
        let actor = self.actor.map(id).transpose().map_err(|_| here("not an actor"))?;
        let (data, personal) = (json(self.data)?, self.personal.map(json).transpose()?);
        let event = codec::decode(Stored {
            kind: &self.kind,
            schema: u32::try_from(self.schema).map_err(|_| here("not a schema"))?,
            data: &data,
            personal: personal.as_deref(),
        })
        .map_err(|error| match error {
            StoreError::Corrupt(what) => here(&what),
            other => other,
        })?;
        Ok(Recorded {
            position: Position(position as u64),
            stream,
            version: self.version as u64,
            at: time(self.at),
            actor,
            event,
        })
    }
}

impl StandingDoc {
    /// The document of a standing; none if no measure is in force.
    pub(super) fn of(standing: Standing) -> Option<Self> {
        let Standing { warned, silenced, suspended } = standing;
        (!standing.is_good()).then_some(Self { warned, silenced, suspended })
    }

    pub(super) fn standing(self) -> Standing {
        let Self { warned, silenced, suspended } = self;
        Standing { warned, silenced, suspended }
    }
}

impl UserDoc {
    pub(super) fn standing(&self) -> Standing {
        self.standing.map_or_else(Standing::default, StandingDoc::standing)
    }
}

impl ReportDoc {
    pub(super) fn report(self) -> Result<Report, StoreError> {
        Ok(Report {
            id: id(self.id)?,
            filing: Filing {
                by: id(self.reporter)?,
                about: id(self.about)?,
                tweet: self.tweet.map(id).transpose()?,
            },
            at: time(self.at),
            resolved_at: self.resolved_at.map(time),
            resolved_by: self.resolved_by.map(id).transpose()?,
        })
    }
}

impl CredentialDoc {
    pub(super) fn of(credential: &Credential) -> Self {
        Self { user: long(credential.user), hash: credential.hash.0.clone() }
    }

    pub(super) fn credential(self) -> Result<Credential, StoreError> {
        Ok(Credential { user: id(self.user)?, hash: StoredHash(self.hash) })
    }
}

impl SessionDoc {
    pub(super) fn of(session: &Session) -> Self {
        Self {
            token: bytes(&session.token.0),
            user: long(session.user),
            kind: session.kind.as_str().to_owned(),
            name: session.name.clone(),
            device: session.client.device.clone(),
            place: session.client.place.clone(),
            scopes: Some(session.scopes.names().into_iter().map(str::to_owned).collect()),
            created_at: date(session.created_at),
            last_seen_at: date(session.created_at),
            expires_at: date(session.expires_at),
        }
    }

    pub(super) fn scopes(&self) -> Result<Scopes, StoreError> {
        let Some(names) = &self.scopes else { return Ok(Scopes::ALL) };
        Scopes::named(names.iter().map(String::as_str))
            .ok_or_else(|| StoreError::Corrupt("a session with an unknown scope".to_owned()))
    }

    pub(super) fn own(self) -> Result<OwnSession, StoreError> {
        Ok(OwnSession {
            id: SessionId::of(&hash(self.token.clone())?),
            kind: kind(&self.kind)?,
            scopes: self.scopes()?,
            name: self.name,
            client: Client { device: self.device, place: self.place },
            created_at: time(self.created_at),
            last_seen_at: time(self.last_seen_at),
            expires_at: time(self.expires_at),
        })
    }
}

impl AnswerDoc {
    pub(super) fn of(answer: &Answer) -> Self {
        Self {
            key: bytes(&answer.key.0),
            user: answer.user.map(long),
            fingerprint: bytes(&answer.fingerprint),
            sealed: bytes(&answer.sealed),
            expires_at: date(answer.expires_at),
        }
    }

    pub(super) fn answer(self) -> Result<Answer, StoreError> {
        Ok(Answer {
            key: AnswerKey(array(self.key)?),
            user: self.user.map(id).transpose()?,
            fingerprint: array(self.fingerprint)?,
            sealed: self.sealed.bytes,
            expires_at: time(self.expires_at),
        })
    }
}

/// A session's kind from what is stored.
pub(super) fn kind(name: &str) -> Result<SessionKind, StoreError> {
    match name {
        "cookie" => Ok(SessionKind::Cookie),
        "bearer" => Ok(SessionKind::Bearer),
        _ => Err(StoreError::Corrupt("a session of an unknown kind".to_owned())),
    }
}

/// A time as a date: both count milliseconds since 1970.
pub(super) fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.unix_ms())
}

/// A date as a time.
pub(super) fn time(at: DateTime) -> Timestamp {
    Timestamp::from_unix_ms(at.timestamp_millis())
}

/// An id as a long: ids are below 2^53.
pub(super) fn long<K>(id: Id<K>) -> i64 {
    id.get() as i64
}

/// A long as an id.
pub(super) fn id<K>(raw: i64) -> Result<Id<K>, StoreError> {
    u64::try_from(raw)
        .ok()
        .and_then(|raw| Id::new(raw).ok())
        .ok_or_else(|| StoreError::Corrupt("not an id".to_owned()))
}

/// Bytes as a document holds them.
pub(super) fn bytes(bytes: &[u8]) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
}

/// The key of a session.
pub(super) fn token(token: &TokenHash) -> Binary {
    bytes(&token.0)
}

/// The hash that is the key of a session.
pub(super) fn hash(key: Binary) -> Result<TokenHash, StoreError> {
    array(key).map(TokenHash)
}

pub(super) fn array<const N: usize>(binary: Binary) -> Result<[u8; N], StoreError> {
    let wrong = |_| StoreError::Corrupt("bytes of another length".to_owned());
    binary.bytes.try_into().map_err(wrong)
}

/// The codec's JSON as a document, key by key.
fn document(json: &str) -> Result<Document, StoreError> {
    let unwritable =
        || StoreError::Corrupt("an event that can't be written as a document".to_owned());
    let value: serde_json::Value = serde_json::from_str(json).map_err(|_| unwritable())?;
    mongodb::bson::serialize_to_document(&value).map_err(|_| unwritable())
}

/// A document as the codec's JSON.
fn json(document: Document) -> Result<String, StoreError> {
    let unreadable = |_| StoreError::Corrupt("an event that is not plain JSON".to_owned());
    let value: serde_json::Value =
        mongodb::bson::deserialize_from_document(document).map_err(unreadable)?;
    Ok(value.to_string())
}

#[cfg(test)]
mod tests {
    use siskin_domain::tweet::TweetEvent;
    use siskin_domain::user::{ProfileUpdate, UserEvent};
    use siskin_domain::{Bio, Event, TweetBody, UserId};

    use super::*;

    fn back(event: Event) {
        let recorded = Recorded {
            position: Position(7),
            stream: "tweet-9007199254740991".parse().unwrap(),
            version: 3,
            at: Timestamp::from_unix_ms(1_750_000_000_123),
            actor: Some(UserId::new(9_007_199_254_740_991).unwrap()),
            event,
        };
        let stored = mongodb::bson::serialize_to_vec(&EventDoc::of(&recorded).unwrap()).unwrap();
        let read: EventDoc = mongodb::bson::deserialize_from_slice(&stored).unwrap();
        assert_eq!(read.recorded().unwrap(), recorded);
    }

    #[test]
    fn an_event_is_read_back_as_it_was() {
        for author in [1, 2_147_483_648, 9_007_199_254_740_991] {
            let author = UserId::new(author).unwrap();
            let body = TweetBody::recorded("{\"$oid\": 1} $set 👍 \u{2028}\0".to_owned());
            back(TweetEvent::Posted { author, body: Some(body) }.into());
            back(TweetEvent::Posted { author, body: None }.into());
            back(TweetEvent::Deleted { author }.into());
        }
        let bio = Some(Bio::parse("$numberLong").unwrap());
        let changes = Some(ProfileUpdate { bio, ..Default::default() });
        back(UserEvent::Updated { changes }.into());
        back(UserEvent::Updated { changes: None }.into());
    }
}
