//! Becoming a user.

use siskin_domain::user::{Registration, UserCommand, UserState, decide};
use siskin_domain::{DisplayName, Email, Event, Password, Role, StreamId, Username, wire};

use super::Accounts;
use super::identities::NewIdentity;
use crate::application::Refused;
use crate::application::idempotency::{KeptAnswer, Once, UserAnswer};
use crate::application::passwords::NewPassword;
use crate::application::retry::retrying;
use crate::application::to_the_end::to_the_end;
use crate::storage::{Append, Audience, Effect, Expected, ProofKey, StoredHash, UniqueField};

/// A new user's particulars, parsed.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The name in addresses and mentions.
    pub username: Username,
    /// The e-mail address.
    pub email: Email,
    /// How they sign in.
    pub way_in: WayIn,
    /// The name that people see; the username if there is none.
    pub name: Option<DisplayName>,
    /// What they may do.
    pub role: Role,
}

/// How somebody new is going to sign in. Other ways may be added later.
#[derive(Debug, Clone)]
pub enum WayIn {
    /// By a password.
    Password(Password),
    /// By an account somewhere else. The account here has no password then.
    Identity(NewIdentity),
}

impl Accounts {
    /// Adds a user as the operator, whoever may join by themselves; the answer is their own view,
    /// email and role included.
    ///
    /// # Errors
    /// [`Refused::Field`] if the password is too easily guessed.
    /// [`Refused::Taken`] if the username or the e-mail address belongs to somebody;
    /// [`Refused::IdentityTaken`] if the identity does.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn add(&self, new: NewAccount) -> Result<wire::User, Refused> {
        self.admit(new, None, None).await
    }

    /// Makes somebody a user, perhaps by an invitation, which is used in the same transaction.
    pub(super) async fn admit(
        &self,
        new: NewAccount,
        invitation: Option<ProofKey>,
        once: Once,
    ) -> Result<wire::User, Refused> {
        self.refuse_taken(&new).await?;
        let hash = match &new.way_in {
            WayIn::Password(password) => {
                let password = NewPassword::choose(password.clone(), &new.username, &new.email)?;
                Some(self.parts.hasher.hash(&password).await?)
            }
            WayIn::Identity(new) => {
                self.refuse_linked(&new.identity).await?;
                None
            }
        };
        // A conflict means that the id is there, as in a store set back: take the next. Or that
        // somebody else has just come by the invitation: look whether there is a place left.
        let accounts = self.clone();
        to_the_end(async move {
            let register =
                || accounts.try_register(&new, hash.as_ref(), invitation.as_ref(), &once);
            retrying(register).await
        })
        .await
    }

    /// Spares the hash if the answer is known already. The append decides; this only hurries.
    async fn refuse_taken(&self, new: &NewAccount) -> Result<(), Refused> {
        let store = &self.parts.store;
        if store.find_user_by_name(&new.username, Audience::All).await?.is_some() {
            return Err(Refused::Taken(UniqueField::Username));
        }
        if store.find_credential(new.email.as_str()).await?.is_some() {
            return Err(Refused::Taken(UniqueField::Email));
        }
        Ok(())
    }

    async fn try_register(
        &self,
        new: &NewAccount,
        hash: Option<&StoredHash>,
        invitation: Option<&ProofKey>,
        once: &Once,
    ) -> Result<wire::User, Refused> {
        let (id, at) = (self.parts.ids.user().await?, self.parts.clock.now());
        let name = new.name.clone().unwrap_or_else(|| DisplayName::from(&new.username));
        let registration = Registration {
            username: new.username.clone(),
            email: new.email.clone(),
            name: name.clone(),
            role: new.role,
        };
        let events = decide(id, &UserState::Missing, UserCommand::Register(registration))?;
        let user = wire::User {
            id,
            username: new.username.clone().into(),
            name: name.into(),
            bio: String::new(),
            created_at: at,
            tweets_count: 0,
            version: 1,
            email: Some(new.email.clone().into()),
            role: Some(new.role),
        };
        let mut effects = match &new.way_in {
            WayIn::Password(_) => hash
                .map(|hash| Effect::SetCredential { user: id, hash: hash.clone() })
                .into_iter()
                .collect(),
            WayIn::Identity(new) => new.effects(id, at),
        };
        if let Some(invitation) = invitation {
            effects.push(self.come_by(invitation, id, at).await?);
        }
        let verification = self.verification(id, &new.username, &new.email, at);
        let letter = verification.map(|verification| {
            effects.push(verification.effect);
            verification.letter
        });
        if let Some(scope) = once {
            let location = format!("/api/v1/users/{id}");
            let answer = KeptAnswer::created(location, &UserAnswer::success(user.clone()));
            // It is the new user's answer: it goes when they go.
            effects.push(scope.remember(&answer, Some(id)));
        }
        let append = Append {
            stream: StreamId::User(id),
            expected: Expected::Empty,
            events: events.into_iter().map(Event::User).collect(),
            at,
            // A role is given by the operator alone, and so listed as an act of theirs.
            actor: (new.role == Role::User).then_some(id),
            effects,
        };
        self.parts.store.append(append).await?;
        if let Some(letter) = letter {
            self.post_to_stranger(letter).await;
        }
        Ok(user)
    }
}
