//! What follows for links and mail when an address or a password changes.

use siskin_domain::user::{User, UserEvent};
use siskin_domain::{Email, Timestamp, UserId};

use super::Accounts;
use crate::application::Refused;
use crate::application::mail::{Letter, Recipient};
use crate::storage::{Effect, ProofKind};

/// What else becomes true with a change, and who is told of it after.
#[derive(Default)]
pub(super) struct Notices {
    pub(super) effects: Vec<Effect>,
    /// To addresses that were shown to be the user's: each change is limited, the mails are not.
    pub(super) to_owner: Vec<Letter>,
    /// To addresses that may be anybody's.
    pub(super) to_strangers: Vec<Letter>,
}

impl Accounts {
    /// Links that were mailed to the old address, or for the old password, count no more. The
    /// old address is told, so that its owner learns of what they did not do.
    pub(super) async fn notices(
        &self,
        id: UserId,
        before: &User,
        events: &[UserEvent],
        at: Timestamp,
    ) -> Result<Notices, Refused> {
        let mut notices = Notices::default();
        let (writer, old) = (&self.parts.writer, || Recipient {
            username: before.username.clone(),
            email: before.email.clone(),
        });
        let mut told = Vec::new();
        let drop = |kind| Effect::DropProofs { user: id, kind, except: None };
        let email = events.iter().find_map(new_email);
        let password = events.contains(&UserEvent::PasswordUpdated);
        if email.is_some() || password {
            notices.effects.push(drop(ProofKind::ResetPassword));
        }
        if password {
            told.push(writer.password_changed(old()));
        }
        if let Some(email) = email {
            notices.effects.extend([ProofKind::VerifyMail, ProofKind::MailVerified].map(drop));
            told.push(writer.address_changed(old()));
            // Too many new addresses in a row get no mail of themselves; it can be asked for later.
            let allowed = match self.parts.throttle.verification(id.get()).await {
                Ok(()) => true,
                Err(Refused::Throttled { .. }) => false,
                Err(refused) => return Err(refused),
            };
            let made = self.verification(id, &before.username, email, at).filter(|_| allowed);
            if let Some(verification) = made {
                notices.effects.push(verification.effect);
                notices.to_strangers.push(verification.letter);
            }
        }
        if !told.is_empty() && self.is_verified(id, &before.email).await? {
            notices.to_owner = told;
        } else {
            notices.to_strangers.splice(0..0, told);
        }
        Ok(notices)
    }
}

pub(super) fn new_email(event: &UserEvent) -> Option<&Email> {
    match event {
        UserEvent::Updated { changes: Some(changes) } => changes.email.as_ref(),
        _ => None,
    }
}
