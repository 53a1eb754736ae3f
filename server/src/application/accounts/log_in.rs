//! Signing in: a password for a session.

use siskin_domain::{Email, Password, UserId, Username};

use super::Accounts;
use super::begin::{LoggedIn, NewSession, logged_in};
use crate::application::Refused;
use crate::application::factors::FactorError;
use crate::application::idempotency::Once;
use crate::storage::{Credential, Effect};

/// What a right password gives.
pub enum Entered {
    /// A session.
    In(LoggedIn),
    /// The person has an authenticator app: a code is awaited from whoever has this secret.
    CodeWanted(String),
}

impl Accounts {
    /// Signs in by username or e-mail address. The session that the browser had before, if any,
    /// is replaced, so that a session known before the log-in is worth nothing after.
    ///
    /// # Errors
    /// [`Refused::BadCredentials`], the same in text and time whether or not the user exists.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn log_in(
        &self,
        login: &str,
        password: Password,
        new: NewSession,
    ) -> Result<Entered, Refused> {
        let shown = self.recognise(login, &password).await?;
        let entered = if self.parts.codes.are_wanted_of(shown.user).await? {
            self.await_code(&shown).await.map(Entered::CodeWanted)
        } else {
            let still = vec![shown.still_holds()];
            let begun = self.begin_with(shown.user, new, logged_in(), None, still).await;
            begun.map(Entered::In)
        };
        self.unless_void(&shown, entered).await
    }

    /// Signs in for an API token, at most once for an `Idempotency-Key`. Whoever has an
    /// authenticator app needs a code as well; who does is told to nobody without the password.
    ///
    /// # Errors
    /// [`Refused::BadCredentials`], as [`Accounts::log_in`], also for a wrong code;
    /// [`Refused::SecondFactorRequired`] without one.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn issue_token(
        &self,
        login: &str,
        password: Password,
        code: Option<&str>,
        new: NewSession,
        once: Once,
    ) -> Result<LoggedIn, Refused> {
        let shown = self.recognise(login, &password).await?;
        let user = shown.user;
        if !self.parts.codes.are_wanted_of(user).await? {
            let still = vec![shown.still_holds()];
            let begun = self.begin_with(user, new, logged_in(), once, still).await;
            return self.unless_void(&shown, begun).await;
        }
        let code = code.ok_or(Refused::SecondFactorRequired)?;
        let begun = self.parts.codes.spend(user, code, async |spent| {
            let effects = vec![shown.still_holds(), spent];
            self.begin_with(user, new.clone(), logged_in(), once.clone(), effects).await
        });
        let begun = begun.await.map_err(|refused| match refused {
            Refused::Factor(FactorError::WrongCode) => Refused::BadCredentials,
            refused => refused,
        });
        self.unless_void(&shown, begun).await
    }

    /// Signs in somebody who has just registered.
    ///
    /// # Errors
    /// [`Refused::BadCredentials`] if the user is gone already.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn start_session(&self, user: UserId, new: NewSession) -> Result<LoggedIn, Refused> {
        self.begin(user, new, logged_in(), None).await
    }

    /// Whose password it is. Costs one verification, whatever comes of it.
    async fn recognise(&self, login: &str, password: &Password) -> Result<Credential, Refused> {
        self.parts.hasher.has_room()?;
        let credential = self.credential(login).await?;
        let hash = credential.as_ref().map(|credential| &credential.hash);
        let right = self.parts.hasher.verify(password, hash).await?;
        match credential {
            Some(credential) if right => Ok(credential),
            Some(_) | None => Err(Refused::BadCredentials),
        }
    }

    /// A password that was changed while somebody showed the old one is a wrong one: they are not
    /// let in by the change that was to keep them out.
    async fn unless_void<T>(
        &self,
        shown: &Credential,
        done: Result<T, Refused>,
    ) -> Result<T, Refused> {
        match done {
            Err(Refused::Conflict) => {
                let now = self.parts.store.credential_of(shown.user).await?;
                let same = now.is_some_and(|now| now.hash == shown.hash);
                Err(if same { Refused::Conflict } else { Refused::BadCredentials })
            }
            done => done,
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
}

impl Credential {
    /// What a log-in by this password needs still to be true when it is done.
    pub(super) fn still_holds(&self) -> Effect {
        Effect::CredentialIs { user: self.user, hash: self.hash.clone() }
    }
}
