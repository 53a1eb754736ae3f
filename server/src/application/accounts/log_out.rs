//! Signing out.

use super::Accounts;
use crate::application::{Caller, Refused};

impl Accounts {
    /// Ends the caller's session. Ending one that has ended already is no error.
    ///
    /// # Errors
    /// The store's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn log_out(&self, caller: &Caller) -> Result<(), Refused> {
        self.parts.store.end_session(&caller.token).await?;
        self.parts.callers.ended(|token, _| *token == caller.token);
        Ok(())
    }
}
