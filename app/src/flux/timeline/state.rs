use std::sync::Arc;

use siskin_domain::{Id, TweetId, text, wire::Tweet};

/// Whose tweets a timeline shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Feed {
    /// Everybody's.
    Everyone,
    /// One person's, by username.
    Of(String),
    /// Nobody's but the tweets that are there: the page of one tweet.
    Only,
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct Row {
    /// The attempt that this row came from, if we tweeted it here.
    pub attempt: Option<u32>,
    /// What it shows.
    #[cfg_attr(test, serde(with = "shared"))]
    pub tweet: Arc<Tweet>,
    /// On its way to the server; `tweet.id` is a temporary one.
    pub pending: bool,
}

impl Row {
    /// A row of a tweet that the server has.
    #[must_use]
    pub fn of(tweet: Tweet) -> Self {
        Self { attempt: None, tweet: Arc::new(tweet), pending: false }
    }

    /// Identifies the row on the page. It changes when a pending tweet is confirmed.
    #[must_use]
    pub fn key(&self) -> u64 {
        // Ids end below 2^53, so attempts above it can't meet one.
        match self.attempt {
            Some(attempt) if self.pending => siskin_domain::id::LIMIT + u64::from(attempt),
            _ => self.tweet.id.get(),
        }
    }
}

/// What is known of tweets older than the last row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Older {
    /// There may be some.
    More,
    /// They are on their way.
    Loading,
    /// They did not come; the person may try again.
    Failed(String),
    /// There are none.
    End,
}

/// The state of the live events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Stream {
    /// Not open yet.
    Closed,
    /// Events come in.
    Open,
    /// Broken; the browser tries again.
    Lost,
}

/// A timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct State {
    /// Whose tweets.
    pub feed: Feed,
    /// Only tweets with this hashtag are shown.
    pub tag: Option<String>,
    /// Our username.
    pub me: Option<String>,
    /// Does the first row show the newest tweet there is? If not, live tweets are not for here.
    pub newest: bool,
    /// Newest first; pending ones before all others.
    pub rows: Vec<Row>,
    /// New tweets of others, behind the pill; newest first.
    pub waiting: Vec<Tweet>,
    /// What is known of older tweets.
    pub older: Older,
    /// The live events.
    pub stream: Stream,
    /// The tweet whose deletion must be confirmed.
    pub asked: Option<TweetId>,
    /// Rows taken away before the server agreed.
    pub leaving: Vec<Row>,
    /// Ids that are deleted: what comes late about them is ignored.
    pub gone: Vec<TweetId>,
    /// What went wrong, for people.
    pub failure: Option<String>,
    /// What a screen reader should say next.
    pub said: String,
}

impl State {
    /// A timeline of a page's tweets. `end` if there is nothing older.
    #[must_use]
    pub fn new(feed: Feed, me: Option<String>, tweets: Vec<Tweet>, end: bool) -> Self {
        Self {
            feed,
            tag: None,
            me,
            newest: true,
            rows: tweets.into_iter().map(Row::of).collect(),
            waiting: Vec::new(),
            older: if end { Older::End } else { Older::More },
            stream: Stream::Closed,
            asked: None,
            leaving: Vec::new(),
            gone: Vec::new(),
            failure: None,
            said: String::new(),
        }
    }

    /// The oldest tweet that is known.
    #[must_use]
    pub fn oldest(&self) -> Option<TweetId> {
        self.rows.iter().rev().find(|row| !row.pending).map(|row| row.tweet.id)
    }

    /// The newest tweet that is known.
    #[must_use]
    pub fn newest_id(&self) -> Option<TweetId> {
        let shown = self.rows.iter().find(|row| !row.pending).map(|row| row.tweet.id);
        shown.max(self.waiting.first().map(|tweet| tweet.id))
    }

    /// Is a tweet on the page, or about to be?
    #[must_use]
    pub fn knows(&self, id: TweetId) -> bool {
        self.gone.contains(&id)
            || self.rows.iter().any(|row| !row.pending && row.tweet.id == id)
            || self.waiting.iter().any(|tweet| tweet.id == id)
            || self.leaving.iter().any(|row| row.tweet.id == id)
    }

    /// Does this timeline show such a tweet?
    #[must_use]
    pub fn is_for_here(&self, tweet: &Tweet) -> bool {
        let of_feed = match &self.feed {
            Feed::Everyone => true,
            Feed::Of(username) => *username == tweet.tweetedby,
            Feed::Only => false,
        };
        of_feed && self.newest && self.has_tag(tweet)
    }

    /// The rows that pass the hashtag filter. What we tweet here is shown in any case.
    pub(in crate::flux) fn shown(&self) -> Vec<Row> {
        let passes = |row: &&Row| row.attempt.is_some() || self.has_tag(&row.tweet);
        self.rows.iter().filter(passes).cloned().collect()
    }

    /// Does a tweet pass the hashtag filter?
    #[must_use]
    pub fn has_tag(&self, tweet: &Tweet) -> bool {
        self.tag.as_deref().is_none_or(|tag| has_tag(&tweet.body, tag))
    }

    /// Puts a tweet where its id belongs, below the pending ones.
    pub(super) fn insert(&mut self, row: Row) {
        let id: Id<_> = row.tweet.id;
        let at = self.rows.iter().position(|row| !row.pending && row.tweet.id < id);
        self.rows.insert(at.unwrap_or(self.rows.len()), row);
    }
}

/// Does a body hold `#tag`, in whatever case?
#[must_use]
pub fn has_tag(body: &str, tag: &str) -> bool {
    text::segments(body).into_iter().any(|segment| match segment {
        text::Segment::Hashtag { tag: found, .. } => {
            found == tag || text::lower(found) == text::lower(tag)
        }
        _ => false,
    })
}

#[cfg(test)]
mod shared {
    //! `Arc` in recorded states, without serde's feature for it.
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use siskin_domain::wire::Tweet;
    use std::sync::Arc;

    pub(super) fn serialize<S: Serializer>(tweet: &Arc<Tweet>, to: S) -> Result<S::Ok, S::Error> {
        tweet.as_ref().serialize(to)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Tweet>, D::Error> {
        Tweet::deserialize(from).map(Arc::new)
    }
}
