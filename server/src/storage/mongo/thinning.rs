//! A user who has very many tweets is deleted in parts.
//!
//! A transaction must be short: it holds the log's lock, and MongoDB ends one that takes a minute.
//! So before a user is deleted with what is left, most of their tweets are, some hundred at a
//! time, while other writers have their turns. A server that dies in between leaves an account
//! with fewer tweets, and its owner asks again.

use std::time::Instant;

use async_trait::async_trait;
use siskin_domain::user::UserEvent;
use siskin_domain::{Event, StreamId, UserId};

use super::MongoStore;
use super::append::{delete_tweets, has_more_tweets_than};
use super::log;
use super::transaction::{By, Trouble, Tx, Work, transact};
use crate::storage::{Append, Expected, StoreError};

/// So many tweets are deleted in one transaction.
const PART: i64 = 200;

impl MongoStore {
    /// Deletes most tweets of a user whom the append is about to delete.
    pub(super) async fn thin_out(&self, append: &Append) -> Result<(), StoreError> {
        let deleted = Event::User(UserEvent::Deleted);
        let (StreamId::User(user), true) = (append.stream, append.events.contains(&deleted)) else {
            return Ok(());
        };
        let (expected, by) = (append.expected, By { at: append.at, actor: append.actor });
        let mut work = ThinOut { user, expected, by };
        loop {
            let deadline = Instant::now() + self.db.patience;
            let (more, events) = transact(&self.db, deadline, &mut work).await?;
            self.front.publish(&self.db, events).await;
            if !more {
                return Ok(());
            }
        }
    }
}

struct ThinOut {
    user: UserId,
    expected: Expected,
    by: By,
}

#[async_trait]
impl Work for ThinOut {
    /// Whether there may be more to do.
    type Done = bool;

    async fn run(&mut self, tx: &mut Tx<'_>) -> Result<bool, Trouble> {
        // Few enough to go with the user, in the same transaction.
        if !has_more_tweets_than(tx, self.user, PART).await? {
            return Ok(false);
        }
        if let Expected::At(version) = self.expected
            && log::version(tx.db, tx.session, StreamId::User(self.user)).await? != version
        {
            return Err(StoreError::Conflict.into());
        }
        delete_tweets(tx, self.user, self.by, Some(PART)).await?;
        Ok(true)
    }
}
