//! Joining: who is let in, as the operator decided.

use siskin_domain::wire;

use super::invitations::LONGEST_CODE;
use super::{Accounts, NewAccount};
use crate::application::idempotency::Once;
use crate::application::{Refused, Registration};

impl Accounts {
    /// Registers a stranger, if strangers may join; the answer is their own view. An invitation
    /// counts where one is needed, and is not looked at elsewhere.
    ///
    /// # Errors
    /// [`Refused::RegistrationClosed`], [`Refused::InvitationRequired`],
    /// [`Refused::InvitationInvalid`], or [`Refused::Taken`] if the username or the e-mail address
    /// belongs to somebody, which only those learn who are let in.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn register(
        &self,
        new: NewAccount,
        invite: Option<&str>,
        once: Once,
    ) -> Result<wire::User, Refused> {
        if invite.is_some_and(|code| code.len() > LONGEST_CODE) {
            return Err(Refused::InvitationInvalid);
        }
        match self.parts.rules.community.registration {
            Registration::Open => self.admit(new, None, once).await,
            Registration::Invite => {
                let code = invite.ok_or(Refused::InvitationRequired)?;
                let invitation = self.check_invitation(code).await?;
                self.admit(new, Some(invitation), once).await
            }
            Registration::Closed => Err(Refused::RegistrationClosed),
        }
    }
}
