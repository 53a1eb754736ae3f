//! What the projections say, as one number each: the same for every store that holds the same.
//!
//! SHA-256 of one JSON line for each row, in order of ids, with the keys in the order of the
//! structs below. The rows are this module's own and no wire type, so that the number stays the
//! same when the API grows. A tweet's body goes in as its own SHA-256: an export folds the whole
//! log in memory, and 32 bytes are less than what people write.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use siskin_domain::moderation::{Filing, Standing};
use siskin_domain::{Position, ReportId, Timestamp, TweetId, UserId};

use super::{ArchiveError, BATCH};
use crate::storage::{Audience, Page, Report, Store, StoreError};

/// How often a store that is written to is looked at before that is given up.
const LOOKS: usize = 10;

/// A projection's rows and their digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// How many rows there are.
    pub rows: u64,
    /// SHA-256 of their lines, in hexadecimal digits.
    pub sha256: String,
}

/// Every projection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// The users.
    pub users: Digest,
    /// The tweets, with their authors' names.
    pub tweets: Digest,
    /// What moderators have done; absent if they have done nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moderation: Option<Digest>,
}

impl Digests {
    /// The name of a projection that differs, if one does.
    #[must_use]
    pub fn differs_in(&self, other: &Self) -> Option<&'static str> {
        if self.users != other.users {
            return Some("users");
        }
        if self.tweets != other.tweets {
            return Some("tweets");
        }
        (self.moderation != other.moderation).then_some("moderation")
    }
}

/// A user's line.
#[derive(Serialize)]
pub(super) struct UserRow<'a> {
    pub(super) id: u64,
    pub(super) username: &'a str,
    pub(super) email: &'a str,
    pub(super) name: &'a str,
    pub(super) bio: &'a str,
    pub(super) role: &'a str,
    /// Unix milliseconds.
    pub(super) created_at: i64,
    pub(super) tweets_count: u64,
    pub(super) version: u64,
}

/// A tweet's line.
#[derive(Serialize)]
pub(super) struct TweetRow<'a> {
    pub(super) id: u64,
    pub(super) username: &'a str,
    pub(super) name: &'a str,
    /// SHA-256 of the body.
    pub(super) body: &'a str,
    /// Unix milliseconds.
    pub(super) at: i64,
}

/// A line of what moderators have done: people with measures in force, then hidden tweets, then
/// reports, each by id.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ModerationRow {
    Standing {
        user: UserId,
        warned: bool,
        silenced: bool,
        suspended: bool,
    },
    Hidden {
        hidden: TweetId,
    },
    Report {
        report: ReportId,
        by: UserId,
        about: UserId,
        tweet: Option<TweetId>,
        /// Unix milliseconds, as the other times.
        at: i64,
        resolved_at: Option<i64>,
        resolved_by: Option<UserId>,
    },
}

impl ModerationRow {
    pub(super) const fn standing(user: UserId, standing: Standing) -> Self {
        let Standing { warned, silenced, suspended } = standing;
        Self::Standing { user, warned, silenced, suspended }
    }

    pub(super) fn report(report: &Report) -> Self {
        let Filing { by, about, tweet } = report.filing;
        Self::Report {
            report: report.id,
            by,
            about,
            tweet,
            at: report.at.unix_ms(),
            resolved_at: report.resolved_at.map(Timestamp::unix_ms),
            resolved_by: report.resolved_by,
        }
    }
}

/// Rows on their way to a digest.
#[derive(Default)]
pub(super) struct Rows {
    count: u64,
    hash: Sha256,
    line: Vec<u8>,
}

impl Rows {
    /// The next row, in order of ids.
    pub(super) fn add(&mut self, row: &impl Serialize) -> Result<(), StoreError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, row)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        self.line.push(b'\n');
        self.hash.update(&self.line);
        self.count += 1;
        Ok(())
    }

    /// The digest of all of them, if there are any.
    pub(super) fn digest_if_any(self) -> Option<Digest> {
        (self.count > 0).then(|| self.digest())
    }

    /// The digest of all of them.
    pub(super) fn digest(self) -> Digest {
        Digest { rows: self.count, sha256: hex(&self.hash.finalize()) }
    }
}

/// The digests of a store's projections at a moment when nobody writes.
///
/// # Errors
/// [`ArchiveError::Restless`] if there is no such moment.
pub async fn digests(store: &dyn Store) -> Result<Digests, ArchiveError> {
    let mut end = log_end(store, store.position()).await?;
    for _ in 0..LOOKS {
        let digests = read(store, |_| {}).await?;
        let now = log_end(store, end).await?;
        if now == end {
            return Ok(digests);
        }
        end = now;
    }
    Err(ArchiveError::Restless)
}

/// The log's end: at `at` or after it.
async fn log_end(store: &dyn Store, mut at: Position) -> Result<Position, StoreError> {
    while let Some(last) = store.read_all(at, BATCH).await?.last() {
        at = last.position;
    }
    Ok(at)
}

/// Reads the projections page by page, while nobody writes; says how many rows were read.
pub(super) async fn read(
    store: &dyn Store,
    mut seen: impl FnMut(u64) + Send,
) -> Result<Digests, StoreError> {
    let mut users = Rows::default();
    let mut page = Page { limit: BATCH as u16, before: None, after: Some(0) };
    loop {
        let part = store.list_users(page, Audience::All).await?;
        let Some(newest) = part.first() else { break };
        page.after = Some(newest.id.get());
        for user in part.iter().rev() {
            users.add(&UserRow {
                id: user.id.get(),
                username: &user.username,
                email: user.email.as_deref().unwrap_or_default(),
                name: &user.name,
                bio: &user.bio,
                role: user.role.map_or("", |role| role.as_str()),
                created_at: user.created_at.unix_ms(),
                tweets_count: user.tweets_count,
                version: user.version,
            })?;
        }
        seen(users.count);
    }
    let mut tweets = Rows::default();
    page.after = Some(0);
    loop {
        let part = store.list_tweets(page, Audience::All).await?;
        let Some(newest) = part.first() else { break };
        page.after = Some(newest.id.get());
        for tweet in part.iter().rev() {
            tweets.add(&TweetRow {
                id: tweet.id.get(),
                username: &tweet.tweetedby,
                name: &tweet.name,
                body: &hex(&Sha256::digest(&tweet.body)),
                at: tweet.timestamp.unix_ms(),
            })?;
        }
        seen(users.count + tweets.count);
    }
    let moderation = read_moderation(store).await?.digest_if_any();
    Ok(Digests { users: users.digest(), tweets: tweets.digest(), moderation })
}

/// The reports of both states are two lists; their rows are one, by id.
async fn read_moderation(store: &dyn Store) -> Result<Rows, StoreError> {
    let mut rows = Rows::default();
    let first = Page { limit: BATCH as u16, before: None, after: Some(0) };
    let mut page = first;
    loop {
        let part = store.list_standings(page).await?;
        let Some((newest, _)) = part.first() else { break };
        page.after = Some(newest.get());
        for (user, standing) in part.iter().rev() {
            rows.add(&ModerationRow::standing(*user, *standing))?;
        }
    }
    page = first;
    loop {
        let part = store.list_hidden(page).await?;
        let Some(newest) = part.first() else { break };
        page.after = Some(newest.get());
        for hidden in part.iter().rev() {
            rows.add(&ModerationRow::Hidden { hidden: *hidden })?;
        }
    }
    let mut reports = Vec::new();
    for open in [true, false] {
        page = first;
        loop {
            let part = store.list_reports(open, page).await?;
            let Some(newest) = part.first() else { break };
            page.after = Some(newest.id.get());
            reports.extend(part);
        }
    }
    reports.sort_unstable_by_key(|report| report.id);
    for report in &reports {
        rows.add(&ModerationRow::report(report))?;
    }
    Ok(rows)
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}
