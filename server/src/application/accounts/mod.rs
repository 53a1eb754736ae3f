//! Commands about users: one file per command.

mod begin;
mod ceremonies;
mod delete;
mod identities;
mod invitations;
mod join;
mod links;
mod load;
mod log_in;
mod log_out;
mod notices;
mod register;
mod reset;
mod second_step;
mod sessions;
mod set_role;
mod update;
mod verify;

use std::sync::Arc;

pub use begin::{LoggedIn, NewSession, TOKEN_DAYS};
pub use ceremonies::{Newcomer, Step};
pub(in crate::application) use identities::issuer;
pub use identities::{Identity, NewIdentity, OwnIdentities, OwnIdentity};
pub use invitations::{
    INVITATION_DAYS, INVITATION_USES, Invitation, InvitationId, MOST_INVITATIONS, NewInvitation,
};
pub use links::Link;
pub use log_in::Entered;
pub use register::{NewAccount, WayIn};
pub use update::Changes;
pub use verify::OwnAddress;

use tokio::sync::Semaphore;

use super::factors::codes::Codes;
use super::hashing::Hasher;
use super::mail::{Outbox, Writer};
use super::{Callers, Clock, Entropy, Ids, Rules, Throttle};
use crate::storage::Store;

/// Registers, signs in and out, changes and removes users. Clones share their state.
#[derive(Clone)]
pub struct Accounts {
    parts: Arc<Parts>,
}

/// What commands about users are made of.
pub(super) struct Parts {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) ids: Ids,
    pub(super) hasher: Hasher,
    pub(super) callers: Callers,
    pub(super) rules: Arc<Rules>,
    pub(super) codes: Codes,
    pub(super) throttle: Throttle,
    pub(super) writer: Writer,
    /// None if this server sends no mail.
    pub(super) outbox: Option<Arc<dyn Outbox>>,
    /// Places for requests for new passwords that are under way.
    pub(super) asking: Arc<Semaphore>,
}

impl Accounts {
    pub(super) fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }
}
