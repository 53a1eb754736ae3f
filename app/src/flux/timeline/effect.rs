use siskin_domain::TweetId;

use super::Feed;

/// What the world should do for a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Open the stream of live events.
    Listen,
    /// Fetch what is newer than `after`.
    CatchUp {
        /// Of whom.
        feed: Feed,
        /// The newest tweet that is known; everything, if none is.
        after: Option<TweetId>,
    },
    /// Fetch what is older than `before`.
    LoadOlder {
        /// Of whom.
        feed: Feed,
        /// The oldest tweet that is known.
        before: TweetId,
    },
    /// Delete a tweet.
    Delete(TweetId),
}
