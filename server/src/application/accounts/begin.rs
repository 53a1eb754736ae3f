//! Beginning a session.

use std::ops::RangeInclusive;

use siskin_domain::moderation::Standing;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, StreamId, Timestamp, UserId, wire};

use super::Accounts;
use crate::application::idempotency::{KeptAnswer, Once, TokenAnswer};
use crate::application::{Caller, Refused, secret};
use crate::storage::{
    Append, Audience, Client, Effect, Expected, Scopes, Session, SessionKind, SessionOwner,
    TokenHash,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A browser's session ends after 30 days.
const COOKIE_LASTS_DAYS: u16 = 30;
/// An API token ends after a year, unless told otherwise.
const BEARER_LASTS_DAYS: u16 = 365;

/// How many days a token may last.
pub const TOKEN_DAYS: RangeInclusive<u16> = 1..=3650;

/// What a new session is to be.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Cookie or bearer.
    pub kind: SessionKind,
    /// What its owner calls it; empty for browsers.
    pub name: String,
    /// Who begins it.
    pub client: Client,
    /// What it may be used for.
    pub scopes: Scopes,
    /// After how many days it ends.
    pub lasts_days: u16,
    /// The session that ends for it.
    pub replaces: Option<TokenHash>,
}

impl NewSession {
    /// A browser's.
    #[must_use]
    pub fn browser(client: Client) -> Self {
        let kind = SessionKind::Cookie;
        let lasts_days = COOKIE_LASTS_DAYS;
        Self { kind, name: String::new(), client, scopes: Scopes::ALL, lasts_days, replaces: None }
    }

    /// A token that may do everything.
    #[must_use]
    pub fn token(name: String, client: Client) -> Self {
        let (kind, lasts_days) = (SessionKind::Bearer, BEARER_LASTS_DAYS);
        Self { kind, name, lasts_days, ..Self::browser(client) }
    }
}

/// A session that has just begun. The secret is shown this once.
pub struct LoggedIn {
    /// For the cookie or the `Authorization` header.
    pub secret: String,
    /// Who is signed in now.
    pub caller: Caller,
    /// When the session began.
    pub created_at: Timestamp,
}

impl Accounts {
    /// Begins a session for somebody, with what is to be noted of it.
    pub(super) async fn begin(
        &self,
        user: UserId,
        new: NewSession,
        events: Vec<Event>,
        once: Once,
    ) -> Result<LoggedIn, Refused> {
        self.begin_with(user, new, events, once, Vec::new()).await
    }

    /// Begins a session for somebody who has shown what these effects spend.
    pub(in crate::application) async fn enter(
        &self,
        user: UserId,
        new: NewSession,
        spent: Vec<Effect>,
    ) -> Result<LoggedIn, Refused> {
        self.begin_with(user, new, logged_in(), None, spent).await
    }

    /// The same as [`Accounts::begin`], with more that is true together with the session.
    pub(super) async fn begin_with(
        &self,
        user: UserId,
        new: NewSession,
        events: Vec<Event>,
        once: Once,
        spent: Vec<Effect>,
    ) -> Result<LoggedIn, Refused> {
        // The one rule about log-ins is that the user exists, and this is where it is seen.
        let found = self.parts.store.find_user(user, Audience::All).await?;
        let owner = found.ok_or(Refused::BadCredentials)?;
        let standing = self.standing(user).await?;
        let replaces = new.replaces;
        let (logged_in, session) = self.session(owner, standing, new);
        let mut effects = spent;
        effects.push(Effect::StartSession(session));
        effects.extend(replaces.map(Effect::EndSession));
        if let Some(scope) = &once {
            let answer = TokenAnswer::new(&logged_in.secret, logged_in.created_at);
            effects.push(scope.remember(&KeptAnswer::created_unnamed(&answer), Some(user)));
        }
        let append = Append {
            stream: StreamId::Logins(user),
            expected: Expected::Any,
            events,
            at: logged_in.created_at,
            actor: Some(user),
            effects,
        };
        self.parts.store.append(append).await?;
        if let Some(replaced) = replaces {
            self.parts.callers.ended(|token, _| *token == replaced);
        }
        Ok(logged_in)
    }

    fn session(
        &self,
        owner: wire::User,
        standing: Standing,
        new: NewSession,
    ) -> (LoggedIn, Session) {
        let at = self.parts.clock.now();
        let expires_at = at.plus_ms(i64::from(new.lasts_days) * DAY_MS);
        let (secret, token) = secret::make(&*self.parts.entropy, new.kind);
        let session = Session {
            token,
            user: owner.id,
            kind: new.kind,
            name: new.name,
            client: new.client,
            scopes: new.scopes,
            created_at: at,
            expires_at,
        };
        let owner = SessionOwner {
            user: owner.id,
            username: owner.username,
            name: owner.name,
            role: owner.role.unwrap_or_default(),
            standing,
            kind: new.kind,
            scopes: new.scopes,
            last_seen_at: at,
            expires_at,
        };
        (LoggedIn { secret, caller: Caller::new(token, owner), created_at: at }, session)
    }
}

/// What is noted of a log-in.
pub(super) fn logged_in() -> Vec<Event> {
    vec![UserEvent::LoggedIn.into()]
}
