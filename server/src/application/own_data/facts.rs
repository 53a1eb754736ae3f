//! What `data.json` holds beside the tweets. Its keys are a promise: `docs/OWN_DATA.md`.

use serde::Serialize;
use siskin_domain::user::{Profile, ProfileUpdate, UserEvent};
use siskin_domain::{Event, Reason, Recorded, Role, Timestamp, TweetId, UserId, wire};

use crate::storage::{OwnSession, Proof, SessionKind};

/// The version of the format; it grows when a key changes its meaning or goes.
const FORMAT_VERSION: u32 = 1;

/// All of it but the tweets, which follow under `tweets`.
#[derive(Serialize)]
pub(super) struct Facts {
    format: &'static str,
    format_version: u32,
    software: &'static str,
    site: String,
    /// When the archive was begun.
    pub(super) written_at: Timestamp,
    /// Of the log: what was committed later is not here.
    position: u64,
    pub(super) profile: wire::User,
    sessions: Vec<SessionFacts>,
    proofs: Vec<ProofFacts>,
    pub(super) history: Vec<Happening>,
}

/// One session or token. Its secret is not known to anybody but whoever uses it.
#[derive(Serialize)]
struct SessionFacts {
    kind: &'static str,
    name: String,
    device: String,
    place: String,
    scopes: Vec<&'static str>,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
}

/// One thing that proves who the person is, beside the password: what it is, and no secret of it.
#[derive(Serialize)]
struct ProofFacts {
    kind: &'static str,
    label: String,
    created_at: Timestamp,
    used_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

/// Something that happened to the account.
#[derive(Serialize)]
pub(super) struct Happening {
    pub(super) at: Timestamp,
    position: u64,
    pub(super) kind: &'static str,
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Details {
    Registered(Profile),
    Changed(ProfileUpdate),
    Role { role: Role },
    Why { reason: Reason },
}

/// A tweet as it is listed.
#[derive(Serialize)]
pub(super) struct TweetFacts<'a> {
    id: TweetId,
    posted_at: Timestamp,
    body: &'a str,
}

/// What [`Facts`] are made of.
pub(super) struct Parts {
    pub(super) site: String,
    pub(super) at: Timestamp,
    pub(super) position: u64,
    pub(super) profile: wire::User,
    pub(super) sessions: Vec<OwnSession>,
    pub(super) proofs: Vec<Proof>,
    pub(super) history: Vec<Recorded>,
}

impl Facts {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { site, at, position, profile, sessions, proofs, history } = parts;
        let me = profile.id;
        Self {
            format: "siskin-own-data",
            format_version: FORMAT_VERSION,
            software: env!("CARGO_PKG_VERSION"),
            site,
            written_at: at,
            position,
            profile,
            sessions: sessions.into_iter().map(SessionFacts::from).collect(),
            proofs: proofs.into_iter().map(ProofFacts::from).collect(),
            history: history.into_iter().map(|recorded| Happening::new(me, recorded)).collect(),
        }
    }
}

impl From<OwnSession> for SessionFacts {
    fn from(session: OwnSession) -> Self {
        Self {
            kind: match session.kind {
                SessionKind::Cookie => "browser",
                SessionKind::Bearer => "token",
            },
            name: session.name,
            device: session.client.device,
            place: session.client.place,
            scopes: session.scopes.names(),
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
        }
    }
}

impl From<Proof> for ProofFacts {
    fn from(proof: Proof) -> Self {
        let Proof { kind, label, created_at, used_at, expires_at, .. } = proof;
        Self { kind: kind.as_str(), label, created_at, used_at, expires_at }
    }
}

impl Happening {
    fn new(me: UserId, recorded: Recorded) -> Self {
        let by = match recorded.actor {
            Some(actor) if actor == me => "you",
            // Who of them it was is not the person's own data.
            Some(_) => "staff",
            None => "operator",
        };
        let kind = recorded.event.kind();
        let details = match recorded.event {
            Event::User(event) => details(event),
            Event::Moderation(event) => {
                event.reason().cloned().map(|reason| Details::Why { reason })
            }
            Event::Tweet(_) | Event::Report(_) => None,
        };
        Self { at: recorded.at, position: recorded.position.0, kind, by, details }
    }
}

/// What an event says beside its name. A new kind of event has to decide it here.
fn details(event: UserEvent) -> Option<Details> {
    match event {
        UserEvent::Created { profile, .. } => profile.map(Details::Registered),
        UserEvent::Updated { changes } => changes.map(Details::Changed),
        UserEvent::RoleUpdated { role } => Some(Details::Role { role }),
        UserEvent::PasswordUpdated | UserEvent::LoggedIn | UserEvent::Deleted => None,
    }
}

impl<'a> From<&'a wire::Tweet> for TweetFacts<'a> {
    fn from(tweet: &'a wire::Tweet) -> Self {
        Self { id: tweet.id, posted_at: tweet.timestamp, body: &tweet.body }
    }
}
