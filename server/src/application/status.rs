//! How this server and its store are, in one look: for admins.

use siskin_domain::user::UserError;
use siskin_domain::{Position, Role, Timestamp};

use super::readiness::Trouble;
use super::{Caller, Refused, Services};
use crate::backup::Last;
use crate::storage::Vitals;
use crate::version;

/// All that an admin sees.
#[derive(Debug, Clone)]
pub struct Status {
    /// The version in Cargo.toml.
    pub version: &'static str,
    /// The commit that it was built from, if that is known.
    pub commit: &'static str,
    /// Since when this process serves.
    pub since: Timestamp,
    /// What is wrong with it; nothing if it is well.
    pub troubles: Vec<Trouble>,
    /// The newest event that this process knows of.
    pub position: Position,
    /// How the store is; `None` if it does not answer.
    pub store: Option<Vitals>,
    /// How many streams of live events are open here.
    pub streams: usize,
    /// How many mails wait; `None` if this server sends none.
    pub mails: Option<usize>,
    /// This server's own backups.
    pub backups: BackupStatus,
}

/// How a server's own backups are.
#[derive(Debug, Clone)]
pub struct BackupStatus {
    /// Does it make any?
    pub scheduled: bool,
    /// The newest one.
    pub last: Option<Last>,
    /// How many have failed since the start.
    pub failures: u64,
    /// Did the last attempt fail?
    pub failing: bool,
}

impl Services {
    /// Looks at everything. For admins.
    ///
    /// # Errors
    /// [`Refused`], for everybody else.
    pub async fn status(&self, caller: &Caller, stopping: bool) -> Result<Status, Refused> {
        caller
            .decide(|by| if by.role == Role::Admin { Ok(()) } else { Err(UserError::NotAdmin) })?;
        let troubles = self.troubles(stopping).await;
        let store = match self.store.vitals().await {
            Ok(vitals) => Some(vitals),
            Err(error) => {
                tracing::warn!(%error, "the store does not tell how it is");
                None
            }
        };
        Ok(Status {
            version: version::VERSION,
            commit: version::COMMIT,
            since: self.since,
            troubles,
            position: self.store.position(),
            store,
            streams: self.live.listeners(),
            mails: self.accounts.mails_waiting(),
            backups: BackupStatus {
                scheduled: self.backups.scheduled(),
                last: self.backups.last(),
                failures: self.backups.failures(),
                failing: self.backups.trouble().is_some(),
            },
        })
    }
}
