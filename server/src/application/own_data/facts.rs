//! What `data.json` holds beside the tweets. Its keys are a promise: `docs/OWN_DATA.md`.

use serde::Serialize;
use siskin_domain::moderation::{Measure, ModerationEvent};
use siskin_domain::user::{Profile, ProfileUpdate, UserEvent};
use siskin_domain::{Event, Reason, Recorded, ReportId, Role, Timestamp, TweetId, UserId, wire};

use crate::storage::{OwnSession, Proof, ProofKind, SessionKind};

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
    pub(super) sessions: Vec<SessionFacts>,
    pub(super) proofs: Vec<ProofFacts>,
    pub(super) reports: Vec<ReportFacts>,
    pub(super) history: Vec<Happening>,
}

/// One session or token. Its secret is not known to anybody but whoever uses it.
#[derive(Serialize)]
pub(super) struct SessionFacts {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) device: String,
    pub(super) place: String,
    pub(super) scopes: Vec<&'static str>,
    pub(super) created_at: Timestamp,
    pub(super) last_seen_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// One thing that proves who the person is, beside the password: what it is, and no secret of it.
#[derive(Serialize)]
pub(super) struct ProofFacts {
    pub(super) kind: &'static str,
    /// The kind in words, for people.
    #[serde(skip)]
    pub(super) words: &'static str,
    pub(super) label: String,
    pub(super) created_at: Timestamp,
    pub(super) used_at: Option<Timestamp>,
    pub(super) expires_at: Option<Timestamp>,
}

/// One report that the person has filed. What came of it is between moderators.
#[derive(Serialize)]
pub(super) struct ReportFacts {
    pub(super) id: ReportId,
    pub(super) at: Timestamp,
    /// Whom it is about, unless they are gone or not to be seen.
    pub(super) user: Option<String>,
    /// Which tweet, if it is about one.
    pub(super) tweet: Option<TweetId>,
    /// What the person wrote, unless that went with whoever it is about.
    pub(super) reason: Option<Reason>,
}

/// That a tweet is hidden. Who of the staff did it is not the person's own data.
#[derive(Serialize)]
pub(super) struct HiddenFacts {
    pub(super) at: Timestamp,
    pub(super) reason: Option<Reason>,
}

/// Something that happened to the account.
#[derive(Serialize)]
pub(super) struct Happening {
    pub(super) at: Timestamp,
    position: u64,
    kind: &'static str,
    pub(super) by: &'static str,
    /// The kind in words, for people: they follow whoever did it.
    #[serde(skip)]
    pub(super) words: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) details: Option<Details>,
}

/// What a happening says beside its name.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Details {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<&'a HiddenFacts>,
}

/// What [`Facts`] are made of.
pub(super) struct Parts {
    pub(super) site: String,
    pub(super) at: Timestamp,
    pub(super) position: u64,
    pub(super) profile: wire::User,
    pub(super) sessions: Vec<OwnSession>,
    pub(super) proofs: Vec<Proof>,
    pub(super) reports: Vec<ReportFacts>,
    pub(super) history: Vec<Recorded>,
}

impl Facts {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { site, at, position, profile, sessions, proofs, reports, history } = parts;
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
            reports,
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

impl SessionFacts {
    pub(super) fn is_token(&self) -> bool {
        self.kind == "token"
    }
}

impl From<Proof> for ProofFacts {
    fn from(proof: Proof) -> Self {
        let Proof { kind, label, created_at, used_at, expires_at, .. } = proof;
        let words = proof_in_words(kind);
        Self { kind: kind.as_str(), words, label, created_at, used_at, expires_at }
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
        let (kind, words) = (recorded.event.kind(), in_words(&recorded.event));
        let details = match recorded.event {
            Event::User(event) => details(event),
            Event::Moderation(event) => {
                event.reason().cloned().map(|reason| Details::Why { reason })
            }
            Event::Tweet(_) | Event::Report(_) => None,
        };
        Self { at: recorded.at, position: recorded.position.0, kind, by, words, details }
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

/// What happened, in words that whoever did it comes before. A new kind of event has to say it here.
const fn in_words(event: &Event) -> &'static str {
    match event {
        Event::User(event) => match event {
            UserEvent::Created { .. } => "registered",
            UserEvent::Updated { .. } => "changed the profile",
            UserEvent::PasswordUpdated => "changed the password",
            UserEvent::LoggedIn => "logged in",
            UserEvent::RoleUpdated { .. } => "changed your role",
            UserEvent::Deleted => "deleted the account",
        },
        Event::Moderation(event) => match event {
            ModerationEvent::Imposed { measure, .. } => match measure {
                Measure::Warning => "warned you",
                Measure::Silence => "kept your tweets out of others' timelines",
                Measure::Suspension => "suspended your account",
            },
            ModerationEvent::Lifted { measure, .. } => match measure {
                Measure::Warning => "took back a warning",
                Measure::Silence => "let your tweets into others' timelines again",
                Measure::Suspension => "ended the suspension of your account",
            },
            ModerationEvent::WarningDismissed => "read a warning",
        },
        // Those of tweets and reports are not in the history of an account.
        Event::Tweet(_) => "changed a tweet",
        Event::Report(_) => "reported something",
    }
}

/// What a proof is, in words.
const fn proof_in_words(kind: ProofKind) -> &'static str {
    match kind {
        ProofKind::MailVerified => "Your e-mail address, shown to be yours",
        ProofKind::VerifyMail => "A link that shows your e-mail address to be yours",
        ProofKind::ResetPassword => "A link to a new password",
        ProofKind::Totp => "An authenticator app",
        ProofKind::RecoveryCode => "A recovery code",
        ProofKind::Passkey => "A passkey",
        ProofKind::Identity => "An account elsewhere",
        ProofKind::Ceremony => "Something that you have begun and not ended yet",
        ProofKind::Invitation => "An invitation for somebody new",
    }
}

impl<'a> TweetFacts<'a> {
    pub(super) fn new(tweet: &'a wire::Tweet, hidden: Option<&'a HiddenFacts>) -> Self {
        Self { id: tweet.id, posted_at: tweet.timestamp, body: &tweet.body, hidden }
    }
}
