//! Changing the profile, the password, or both at once.

use siskin_domain::user::{ProfileChanges, UserCommand, UserError, UserEvent, UserState, decide};
use siskin_domain::{
    Actor, Bio, DisplayName, Email, Event, Password, Role, StreamId, UserId, Username, wire,
};

use super::Accounts;
use super::load::Loaded;
use super::notices::{Notices, new_email};
use crate::application::passwords::NewPassword;
use crate::application::retry::retrying;
use crate::application::to_the_end::to_the_end;
use crate::application::{Caller, Refused};
use crate::storage::{Append, Credential, Effect, Expected, ProofKind, StoredHash, TokenHash};

/// What is to change; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Another username.
    pub username: Option<Username>,
    /// Another e-mail address.
    pub email: Option<Email>,
    /// Another name.
    pub name: Option<DisplayName>,
    /// Another bio.
    pub bio: Option<Bio>,
    /// Another password, and the current one, which all but admins must know.
    pub password: Option<(Password, Option<Password>)>,
    /// Refuse if the user's version is another: somebody else was faster.
    pub version: Option<u64>,
}

impl Changes {
    /// Do they change what the user logs in with? A link to a new password goes to the address.
    const fn change_ways_in(&self) -> bool {
        self.email.is_some() || self.password.is_some()
    }
}

impl Accounts {
    /// Changes a user, all or nothing. A new password ends the user's sessions, except the
    /// caller's own. Who has none yet sets the first one without another.
    ///
    /// # Errors
    /// The domain's rules; [`Refused::Field`] if the new password is too easily guessed;
    /// [`Refused::CurrentPasswordRequired`] and
    /// [`Refused::WrongCurrentPassword`]; [`Refused::Taken`]; [`Refused::Throttled`] for too many
    /// addresses; [`Refused::ScopeMissing`] for a new address or password with a token that is for
    /// less than all.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn update(
        &self,
        caller: &Caller,
        id: UserId,
        changes: Changes,
    ) -> Result<wire::User, Refused> {
        if changes.change_ways_in() {
            caller.may_change_ways_in()?;
        }
        let (accounts, caller) = (self.clone(), caller.clone());
        to_the_end(async move { accounts.update_all(&caller, id, changes).await }).await
    }

    async fn update_all(
        &self,
        caller: &Caller,
        id: UserId,
        changes: Changes,
    ) -> Result<wire::User, Refused> {
        let changed = retrying(|| self.try_update(caller, id, &changes)).await;
        // Also after a refusal: forgetting costs little, believing an old role would cost much.
        self.parts.callers.forget();
        let Notices { to_owner, to_strangers, .. } = changed?;
        to_owner.into_iter().for_each(|letter| self.post(letter));
        for letter in to_strangers {
            self.post_to_stranger(letter).await;
        }
        if changes.password.is_some() {
            let kept = stays(caller, id);
            self.parts.callers.ended(|token, user| user == id && Some(*token) != kept);
        }
        self.whole(id).await
    }

    async fn try_update(
        &self,
        caller: &Caller,
        id: UserId,
        changes: &Changes,
    ) -> Result<Notices, Refused> {
        let Loaded { state, version } = self.load(id).await?;
        // What one logs in with outlasts the session that changes it.
        let still = if changes.change_ways_in() { Some(self.still(caller).await?) } else { None };
        let events = caller.decide(|by| decided(by, id, state.clone(), changes))?;
        let mut effects = match &changes.password {
            None => Vec::new(),
            Some((new, current)) => {
                let new = chosen(&state, changes, new)?;
                if caller.actor.role != Role::Admin {
                    self.know_password(id, current.as_ref()).await?;
                }
                password_effects(caller, id, self.parts.hasher.hash(&new).await?)
            }
        };
        effects.extend(still);
        if events.is_empty() {
            return Ok(Notices::default());
        }
        if events.iter().any(|event| new_email(event).is_some()) {
            self.parts.throttle.address(caller.actor.id).await?;
        }
        let at = self.parts.clock.now();
        let mut notices = match &state {
            UserState::Active(before) => self.notices(id, before, &events, at).await?,
            UserState::Missing | UserState::Deleted => Notices::default(),
        };
        effects.append(&mut notices.effects);
        let append = Append {
            stream: StreamId::User(id),
            expected: Expected::At(version),
            events: events.into_iter().map(Event::User).collect(),
            at,
            actor: Some(caller.actor.id),
            effects,
        };
        self.parts.store.append(append).await?;
        Ok(notices)
    }

    /// Asks for the password of a user who has one.
    pub(in crate::application) async fn know_password(
        &self,
        id: UserId,
        current: Option<&Password>,
    ) -> Result<(), Refused> {
        let Some(credential) = self.parts.store.credential_of(id).await? else { return Ok(()) };
        let current = current.ok_or(Refused::CurrentPasswordRequired)?;
        self.verify_current(current, Some(&credential)).await
    }

    /// Is it the password behind the credential?
    pub(super) async fn verify_current(
        &self,
        current: &Password,
        credential: Option<&Credential>,
    ) -> Result<(), Refused> {
        let hash = credential.map(|credential| &credential.hash);
        if self.parts.hasher.verify(current, hash).await? {
            Ok(())
        } else {
            Err(Refused::WrongCurrentPassword)
        }
    }
}

/// The events of both parts; the version is compared once, before the first.
fn decided(
    by: Actor,
    id: UserId,
    state: UserState,
    changes: &Changes,
) -> Result<Vec<UserEvent>, Refused> {
    let profile = ProfileChanges {
        username: changes.username.clone(),
        email: changes.email.clone(),
        name: changes.name.clone(),
        bio: changes.bio.clone(),
    };
    let expected = changes.version;
    let update = UserCommand::UpdateProfile { by, changes: profile, expected };
    let mut events = decide(id, &state, update)?;
    if changes.password.is_some() {
        let state = events.iter().fold(state, UserState::evolve);
        events.extend(decide(id, &state, UserCommand::UpdatePassword { by, expected: None })?);
    }
    Ok(events)
}

/// A new password, compared with the names that its owner will have.
fn chosen(
    state: &UserState,
    changes: &Changes,
    password: &Password,
) -> Result<NewPassword, Refused> {
    let UserState::Active(user) = state else { return Err(UserError::NotFound.into()) };
    let username = changes.username.as_ref().unwrap_or(&user.username);
    let email = changes.email.as_ref().unwrap_or(&user.email);
    Ok(NewPassword::choose(password.clone(), username, email)?)
}

fn password_effects(caller: &Caller, id: UserId, hash: StoredHash) -> Vec<Effect> {
    let except = stays(caller, id);
    vec![
        Effect::SetCredential { user: id, hash },
        Effect::EndSessions { user: id, except },
        // Whoever has shown the old password and not yet a code begins again.
        Effect::DropProofs { user: id, kind: ProofKind::Ceremony, except: None },
    ]
}

/// The session that a new password does not end.
fn stays(caller: &Caller, id: UserId) -> Option<TokenHash> {
    (caller.actor.id == id).then_some(caller.token)
}
