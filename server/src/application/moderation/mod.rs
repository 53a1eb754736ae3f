//! Reports, what moderators do about people and tweets, and what they look at: one file for each.

mod hiding;
mod looks;
mod measures;
mod reports;

use std::sync::Arc;

use siskin_domain::Role;
use siskin_domain::moderation::ModerationError;

pub use looks::{ActSeen, Person, ReportSeen, TweetSeen};
pub use reports::Subject;

use super::{Caller, Callers, Clock, Ids, Refused};
use crate::storage::Store;

/// Reports, warns, hides, silences, suspends, and undoes it. Clones share their state.
#[derive(Clone)]
pub struct Moderation {
    parts: Arc<Parts>,
}

/// What commands of moderation are made of.
pub(super) struct Parts {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Ids,
    pub(super) callers: Callers,
}

impl Moderation {
    pub(super) fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }
}

/// The caller is a moderator or an admin, and what they came with is for that.
///
/// # Errors
/// [`ModerationError::NotModerator`]; [`Refused::ScopeMissing`].
fn moderator(caller: &Caller) -> Result<(), Refused> {
    caller.decide(|by| {
        if by.role >= Role::Moderator { Ok(()) } else { Err(ModerationError::NotModerator) }
    })
}
