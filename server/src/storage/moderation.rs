//! What is kept of moderation, and for whose eyes queries answer.
//!
//! No read model holds a reason: those are in the log alone, where they can be forgotten.

use async_trait::async_trait;
use siskin_domain::moderation::{Filing, Standing};
use siskin_domain::{Recorded, ReportId, Timestamp, TweetId, UserId};

use super::{Page, StoreError};

/// For whose eyes a query answers.
///
/// A hidden tweet is there for its author and for moderators; a suspended person and their tweets
/// for themselves and for moderators. Everybody's timeline also leaves out what silenced people
/// write, for all but themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everybody.
    Public,
    /// A person, who sees all of their own.
    Person(UserId),
    /// Moderators, and whoever looks after the store: all there is.
    All,
}

/// A report, as far as it is no one's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Which.
    pub id: ReportId,
    /// Who reports what.
    pub filing: Filing,
    /// When it was filed.
    pub at: Timestamp,
    /// When a moderator was done with it.
    pub resolved_at: Option<Timestamp>,
    /// Which moderator.
    pub resolved_by: Option<UserId>,
}

/// What moderators look at, and people of what is theirs.
#[async_trait]
pub trait Moderation: Send + Sync + 'static {
    /// Acts of staff ([`Recorded::is_act`]), newest first. A page's bounds are
    /// positions.
    async fn acts(&self, page: Page) -> Result<Vec<Recorded>, StoreError>;

    /// Reports, newest first: those in the queue, or those that are done with.
    async fn list_reports(&self, open: bool, page: Page) -> Result<Vec<Report>, StoreError>;

    /// A report.
    async fn find_report(&self, id: ReportId) -> Result<Option<Report>, StoreError>;

    /// People with a measure in force, newest first.
    async fn list_standings(&self, page: Page) -> Result<Vec<(UserId, Standing)>, StoreError>;

    /// Hidden tweets, newest first.
    async fn list_hidden(&self, page: Page) -> Result<Vec<TweetId>, StoreError>;

    /// Reports that a user has filed, done with or not, newest first.
    async fn reports_by(&self, reporter: UserId, page: Page) -> Result<Vec<Report>, StoreError>;

    /// A user's hidden tweets, newest first.
    async fn hidden_of(&self, author: UserId, page: Page) -> Result<Vec<TweetId>, StoreError>;
}
