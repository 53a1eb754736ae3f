//! Commands about tweets: one file per command.

mod delete;
mod post;

use std::sync::Arc;

use super::{Clock, Ids};
use crate::storage::Store;

/// Posts and deletes tweets. Clones share their state.
#[derive(Clone)]
pub struct Tweets {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Ids,
}

impl Tweets {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, ids: Ids) -> Self {
        Self { store, clock, ids }
    }
}
