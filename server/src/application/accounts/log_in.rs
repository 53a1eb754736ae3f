//! Signing in: a password for a session.

use siskin_domain::{Email, Password, UserId, Username};

use super::Accounts;
use super::begin::{LoggedIn, NewSession, logged_in};
use crate::application::Refused;
use crate::application::factors::FactorError;
use crate::application::idempotency::Once;
use crate::storage::Credential;

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
        let user = self.recognise(login, &password).await?;
        if self.parts.codes.are_wanted_of(user).await? {
            return self.await_code(user).await.map(Entered::CodeWanted);
        }
        self.begin(user, new, logged_in(), None).await.map(Entered::In)
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
        let user = self.recognise(login, &password).await?;
        if !self.parts.codes.are_wanted_of(user).await? {
            return self.begin(user, new, logged_in(), once).await;
        }
        let code = code.ok_or(Refused::SecondFactorRequired)?;
        let begun = self.parts.codes.spend(user, code, async |spent| {
            self.begin_with(user, new.clone(), logged_in(), once.clone(), vec![spent]).await
        });
        begun.await.map_err(|refused| match refused {
            Refused::Factor(FactorError::WrongCode) => Refused::BadCredentials,
            refused => refused,
        })
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
    async fn recognise(&self, login: &str, password: &Password) -> Result<UserId, Refused> {
        self.parts.hasher.has_room()?;
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
}
