//! Commands about users: one file per command.

mod begin;
mod ceremonies;
mod delete;
mod identities;
mod invitations;
mod join;
mod load;
mod log_in;
mod log_out;
mod register;
mod sessions;
mod set_role;
mod update;

use std::sync::Arc;

pub use begin::{LoggedIn, NewSession, TOKEN_DAYS};
pub use ceremonies::{Newcomer, Step};
pub use identities::{Identity, NewIdentity, OwnIdentities, OwnIdentity};
pub use invitations::{
    INVITATION_DAYS, INVITATION_USES, Invitation, InvitationId, MOST_INVITATIONS, NewInvitation,
};
pub use register::{NewAccount, WayIn};
pub use update::Changes;

use super::hashing::Hasher;
use super::{Callers, Clock, Entropy, Ids, Rules};
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
}

impl Accounts {
    pub(super) fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }
}
