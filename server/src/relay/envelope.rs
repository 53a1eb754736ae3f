//! An event as others read it: CloudEvents 1.0, structured mode, JSON (`docs/EVENTS.md`).
//!
//! Nothing secret is ever an event, so nothing secret can be in here. E-mail addresses are left
//! out unless the operator wants them.

use serde::Serialize;
use siskin_domain::moderation::{ModerationEvent, ReportEvent};
use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::UserEvent;
use siskin_domain::{
    Bio, DisplayName, Email, Event, Reason, Recorded, Role, StreamId, Timestamp, TweetId, UserId,
    Username,
};

/// The topic of users and their log-ins.
pub const USERS: &str = "users";
/// The topic of tweets.
pub const TWEETS: &str = "tweets";
/// The topic of reports.
pub const REPORTS: &str = "reports";
/// What the `content-type` header of every message says.
pub const CONTENT_TYPE: &str = "application/cloudevents+json; charset=UTF-8";
/// The version of the shape of `data`. New members do not raise it: readers pass over what they
/// do not know.
pub const SCHEMA_VERSION: u32 = 1;

/// A message: where it goes, what keeps its order, what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The topic.
    pub topic: &'static str,
    /// The aggregate's id in decimal: messages with one key keep their order.
    pub key: String,
    /// The event, as JSON.
    pub payload: String,
}

/// Writes envelopes.
#[derive(Debug, Clone)]
pub struct Envelopes {
    source: String,
    email: bool,
}

impl Envelopes {
    /// `source` says which service the events are of: its public address. `email` says whether
    /// e-mail addresses may leave it.
    #[must_use]
    pub fn new(source: impl Into<String>, email: bool) -> Self {
        Self { source: source.into(), email }
    }

    /// An event as a message: the same whenever it is written, except that personal parts which
    /// were erased meanwhile are missing.
    #[must_use]
    pub fn message(&self, recorded: &Recorded) -> Message {
        let (topic, aggregate, id) = match recorded.stream {
            // Log-ins, and what moderators do, are streams of their own only inside; outside they
            // are the user's.
            StreamId::User(id) | StreamId::Logins(id) | StreamId::Moderation(id) => {
                (USERS, "user", id.get())
            }
            StreamId::Report(id) => (REPORTS, "report", id.get()),
            StreamId::Tweet(id) => (TWEETS, "tweet", id.get()),
        };
        let envelope = Envelope {
            specversion: "1.0",
            id: recorded.position.to_string(),
            source: &self.source,
            kind: recorded.event.kind(),
            subject: format!("{aggregate}-{id}"),
            time: recorded.at,
            datacontenttype: "application/json",
            schemaversion: SCHEMA_VERSION,
            position: recorded.position.to_string(),
            stream: recorded.stream.to_string(),
            streamversion: recorded.version.to_string(),
            actor: recorded.actor.map(|actor| actor.to_string()),
            data: self.data(id, &recorded.event),
        };
        // Structs of numbers and texts: serde_json can't refuse them.
        let payload = serde_json::to_string(&envelope).unwrap_or_default();
        Message { topic, key: id.to_string(), payload }
    }

    fn data<'a>(&self, id: u64, event: &'a Event) -> Data<'a> {
        let none = Data { id, ..Data::default() };
        match event {
            Event::User(UserEvent::Created { role, profile }) => {
                let profile = profile.as_ref();
                Data {
                    role: Some(*role),
                    username: profile.map(|profile| &profile.username),
                    name: profile.map(|profile| &profile.name),
                    email: profile.map(|profile| &profile.email).filter(|_| self.email),
                    ..none
                }
            }
            Event::User(UserEvent::Updated { changes: Some(changes) }) => Data {
                username: changes.username.as_ref(),
                name: changes.name.as_ref(),
                bio: changes.bio.as_ref(),
                email: changes.email.as_ref().filter(|_| self.email),
                ..none
            },
            Event::User(UserEvent::RoleUpdated { role }) => Data { role: Some(*role), ..none },
            Event::User(
                UserEvent::Updated { changes: None }
                | UserEvent::PasswordUpdated
                | UserEvent::LoggedIn
                | UserEvent::Deleted,
            ) => none,
            Event::Tweet(TweetEvent::Posted { author, body }) => {
                let body = body.as_ref().map(|body| body.as_str());
                Data { author: Some(*author), body, ..none }
            }
            Event::Tweet(TweetEvent::Deleted { author }) => Data { author: Some(*author), ..none },
            Event::Tweet(
                TweetEvent::Hidden { author, reason } | TweetEvent::Unhidden { author, reason },
            ) => Data { author: Some(*author), reason: reason.as_ref(), ..none },
            Event::Moderation(
                ModerationEvent::Imposed { reason, .. } | ModerationEvent::Lifted { reason, .. },
            ) => Data { reason: reason.as_ref(), ..none },
            Event::Moderation(ModerationEvent::WarningDismissed) => none,
            Event::Report(
                ReportEvent::Filed { filing, reason } | ReportEvent::Resolved { filing, reason },
            ) => Data {
                by: Some(filing.by),
                about: Some(filing.about),
                tweet: filing.tweet,
                reason: reason.as_ref(),
                ..none
            },
        }
    }
}

/// CloudEvents' attributes, then ours. Numbers that may pass 2^31 - 1, where CloudEvents' Integer
/// ends, are texts.
#[derive(Serialize)]
struct Envelope<'a> {
    specversion: &'static str,
    id: String,
    source: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    subject: String,
    time: Timestamp,
    datacontenttype: &'static str,
    schemaversion: u32,
    position: String,
    stream: String,
    streamversion: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    data: Data<'a>,
}

/// What happened. What an event does not say, and what was forgotten, is absent.
#[derive(Serialize, Default)]
struct Data<'a> {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a Username>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a DisplayName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bio: Option<&'a Bio>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a Email>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tweet: Option<TweetId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a Reason>,
}

#[cfg(test)]
mod tests;
