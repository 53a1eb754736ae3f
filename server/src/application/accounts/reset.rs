//! A new password for somebody who has forgotten theirs.

use std::time::Duration;

use siskin_domain::user::{UserCommand, UserError, UserState, decide};
use siskin_domain::{Actor, Email, Event, Password, Recorded, StreamId, UserId, Username, wire};

use super::Accounts;
use super::links::{Link, recipient};
use super::notices::new_email;
use crate::application::Refused;
use crate::application::idempotency::OnceSaying;
use crate::application::passwords::NewPassword;
use crate::application::retry::retrying;
use crate::application::to_the_end::to_the_end;
use crate::storage::{Append, Effect, Expected, ProofKind};

/// For so long an address that its account's own session has set gets no link: three days.
const NEW_FOR_MS: i64 = 3 * 24 * 60 * 60 * 1000;

impl Accounts {
    /// Mails a link to a new password to whoever has this address. Everything that depends on
    /// whether anybody has it is done after this has returned.
    ///
    /// # Errors
    /// [`Refused::MailOff`]; [`Refused::Busy`] if too many such requests are under way.
    pub fn ask_reset(&self, email: Email) -> Result<(), Refused> {
        if !self.sends_mail() {
            return Err(Refused::MailOff);
        }
        let place = self.parts.asking.clone().try_acquire_owned();
        let place = place.map_err(|_| Refused::Busy { retry_after_s: 5 })?;
        let accounts = self.clone();
        let wait = self.moment();
        tokio::spawn(async move {
            let _place = place;
            // The answer is out by then, and what the machine is busy with is not seen in it.
            tokio::time::sleep(wait).await;
            if let Err(refused) = accounts.send_reset(&email).await {
                tracing::warn!(%refused, "a link to a new password was not sent");
            }
        });
        Ok(())
    }

    /// 100 to 355 ms, so that what follows a request has no fixed place among the next ones.
    fn moment(&self) -> Duration {
        let mut random = [0];
        self.parts.entropy.fill(&mut random);
        Duration::from_millis(100 + u64::from(random[0]))
    }

    async fn send_reset(&self, email: &Email) -> Result<(), Refused> {
        // Whoever asks often has the mail already; and nobody fills another's mailbox.
        if !self.parts.throttle.reset_mail(email.as_str()).await? {
            return Ok(());
        }
        let found = self.parts.store.find_credential(email.as_str()).await?;
        let Some(credential) = found else { return Ok(()) };
        if self.is_address_new(credential.user).await? {
            return Ok(());
        }
        let Some(user) = recipient(&self.whole(credential.user).await?) else { return Ok(()) };
        let link = self.new_link(Link::Reset, credential.user, &user.email).await?;
        self.post(self.parts.writer.reset(user, &link));
        Ok(())
    }

    /// Has somebody with their session set the address that they have, and lately? Whoever got hold
    /// of a session could have a new password mailed to themselves; the old address was told, and
    /// its owner has the time to change it back.
    async fn is_address_new(&self, user: UserId) -> Result<bool, Refused> {
        let history = self.parts.store.load(StreamId::User(user)).await?;
        let now = self.parts.clock.now().unix_ms();
        let set = history.iter().rev().find(|recorded| match &recorded.event {
            Event::User(event) => new_email(event).is_some(),
            _ => false,
        });
        Ok(set.is_some_and(|set: &Recorded| {
            set.actor == Some(user) && now - set.at.unix_ms() < NEW_FOR_MS
        }))
    }

    /// A link to a new password, for the operator to hand over.
    ///
    /// # Errors
    /// No such user; the store's.
    pub async fn reset_link(&self, username: &Username) -> Result<String, Refused> {
        let id = self.id_of(username).await?;
        let user = recipient(&self.whole(id).await?).ok_or(UserError::NotFound)?;
        self.new_link(Link::Reset, id, &user.email).await
    }

    /// Gives the owner of this secret another password, and ends all of their sessions and tokens.
    /// Only once.
    ///
    /// # Errors
    /// [`Refused::LinkInvalid`]; [`Refused::Field`] if the password is too easily guessed; the
    /// store's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn reset_password(
        &self,
        secret: &str,
        password: Password,
        once: OnceSaying,
    ) -> Result<(), Refused> {
        let (accounts, secret) = (self.clone(), secret.to_owned());
        to_the_end(async move { accounts.reset(&secret, password, once).await }).await
    }

    async fn reset(
        &self,
        secret: &str,
        password: Password,
        once: OnceSaying,
    ) -> Result<(), Refused> {
        let done = retrying(|| self.try_reset(secret, &password, &once)).await;
        self.parts.callers.forget();
        let user = done?;
        let Some(to) = recipient(&user) else { return Ok(()) };
        self.parts.callers.ended(|_, owner| owner == user.id);
        self.post(self.parts.writer.password_changed(to));
        Ok(())
    }

    async fn try_reset(
        &self,
        secret: &str,
        password: &Password,
        once: &OnceSaying,
    ) -> Result<wire::User, Refused> {
        let found = self.find_link(Link::Reset, secret).await?;
        let (key, user) = found.ok_or(Refused::LinkInvalid)?;
        let id = user.id;
        let loaded = self.load(id).await?;
        let UserState::Active(state) = &loaded.state else { return Err(Refused::LinkInvalid) };
        let password = NewPassword::choose(password.clone(), &state.username, &state.email)?;
        // Whoever has the link acts as its owner.
        let by = Actor { id, role: state.role };
        let command = UserCommand::UpdatePassword { by, expected: None };
        let events = decide(id, &loaded.state, command)?;
        let hash = self.parts.hasher.hash(&password).await?;
        let mut effects = vec![
            Effect::SpendProof(key),
            Effect::SetCredential { user: id, hash },
            Effect::EndSessions { user: id, except: None },
            Effect::DropProofs { user: id, kind: ProofKind::ResetPassword, except: None },
            // Whoever has shown the old password and not yet a code begins again.
            Effect::DropProofs { user: id, kind: ProofKind::Ceremony, except: None },
        ];
        effects.extend(once.as_ref().map(|(scope, answer)| scope.remember(answer, Some(id))));
        let append = Append {
            stream: StreamId::User(id),
            expected: Expected::At(loaded.version),
            events: events.into_iter().map(Event::User).collect(),
            at: self.parts.clock.now(),
            actor: Some(id),
            effects,
        };
        self.parts.store.append(append).await?;
        Ok(user)
    }
}
