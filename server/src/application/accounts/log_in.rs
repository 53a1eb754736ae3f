//! Signing in: a password for a session.

use siskin_domain::user::UserEvent;
use siskin_domain::{Actor, Email, Password, StreamId, Timestamp, UserId, Username, wire};

use super::Accounts;
use crate::application::idempotency::{KeptAnswer, Once, TokenAnswer};
use crate::application::{Caller, Refused, secret};
use crate::storage::{Append, Credential, Effect, Expected, Session, SessionKind, TokenHash};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A browser's session ends after 30 days.
const COOKIE_LASTS_MS: i64 = 30 * DAY_MS;
/// An API token ends after a year.
const BEARER_LASTS_MS: i64 = 365 * DAY_MS;

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
    /// Signs in by username or e-mail address. `replaces` is the session that the browser had
    /// before, if any: it ends, so that a session known before the log-in is worth nothing after.
    ///
    /// # Errors
    /// [`Refused::BadCredentials`], the same in text and time whether or not the user exists.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn log_in(
        &self,
        login: &str,
        password: Password,
        kind: SessionKind,
        name: String,
        replaces: Option<TokenHash>,
    ) -> Result<LoggedIn, Refused> {
        let user = self.recognise(login, &password).await?;
        self.begin(user, Beginning { kind, name, replaces, once: None }).await
    }

    /// Signs in for an API token, at most once for an `Idempotency-Key`.
    ///
    /// # Errors
    /// [`Refused::BadCredentials`], as [`Accounts::log_in`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn issue_token(
        &self,
        login: &str,
        password: Password,
        name: String,
        once: Once,
    ) -> Result<LoggedIn, Refused> {
        let user = self.recognise(login, &password).await?;
        let kind = SessionKind::Bearer;
        self.begin(user, Beginning { kind, name, replaces: None, once }).await
    }

    /// Signs in somebody who has just registered.
    ///
    /// # Errors
    /// [`Refused::BadCredentials`] if the user is gone already.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn start_session(
        &self,
        user: UserId,
        kind: SessionKind,
    ) -> Result<LoggedIn, Refused> {
        let beginning = Beginning { kind, name: String::new(), replaces: None, once: None };
        self.begin(user, beginning).await
    }

    /// Whose password it is. Costs one verification, whatever comes of it.
    async fn recognise(&self, login: &str, password: &Password) -> Result<UserId, Refused> {
        let credential = self.credential(login).await?;
        let hash = credential.as_ref().map(|credential| &credential.hash);
        let right = self.parts.hasher.verify(password, hash).await?;
        match credential {
            Some(credential) if right => Ok(credential.user),
            Some(_) | None => Err(Refused::BadCredentials),
        }
    }

    async fn credential(&self, login: &str) -> Result<Option<Credential>, Refused> {
        let login = if login.contains('@') {
            Email::parse(login).map(String::from)
        } else {
            Username::parse(login).map(String::from)
        };
        match login {
            Ok(login) => Ok(self.parts.store.find_credential(&login).await?),
            Err(_) => Ok(None),
        }
    }

    async fn begin(&self, user: UserId, beginning: Beginning) -> Result<LoggedIn, Refused> {
        // The one rule about log-ins is that the user exists, and this is where it is seen.
        let found = self.parts.store.find_user(user).await?;
        let owner = found.ok_or(Refused::BadCredentials)?;
        let (logged_in, session) = self.session(&owner, &beginning);
        let mut effects = vec![Effect::StartSession(session)];
        effects.extend(beginning.replaces.map(Effect::EndSession));
        if let Some(scope) = &beginning.once {
            let answer = TokenAnswer::new(&logged_in.secret, logged_in.created_at);
            effects.push(scope.remember(&KeptAnswer::created_unnamed(&answer), Some(user)));
        }
        let append = Append {
            stream: StreamId::Logins(user),
            expected: Expected::Any,
            events: vec![UserEvent::LoggedIn.into()],
            at: logged_in.created_at,
            actor: Some(user),
            effects,
        };
        self.parts.store.append(append).await?;
        if beginning.replaces.is_some() {
            self.parts.callers.forget();
        }
        Ok(logged_in)
    }

    fn session(&self, owner: &wire::User, beginning: &Beginning) -> (LoggedIn, Session) {
        let at = self.parts.clock.now();
        let kind = beginning.kind;
        let lasts = match kind {
            SessionKind::Cookie => COOKIE_LASTS_MS,
            SessionKind::Bearer => BEARER_LASTS_MS,
        };
        let (secret, token) = secret::make(&*self.parts.entropy, kind);
        let session = Session {
            token,
            user: owner.id,
            kind,
            name: beginning.name.clone(),
            created_at: at,
            expires_at: at.plus_ms(lasts),
        };
        let caller = Caller {
            actor: Actor { id: owner.id, role: owner.role.unwrap_or_default() },
            username: owner.username.clone(),
            name: owner.name.clone(),
            token,
            kind,
        };
        (LoggedIn { secret, caller, created_at: at }, session)
    }
}

/// What is to be said of a session besides whose it is.
struct Beginning {
    kind: SessionKind,
    name: String,
    replaces: Option<TokenHash>,
    once: Once,
}
