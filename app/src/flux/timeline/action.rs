use siskin_domain::{TweetId, wire::Tweet};

/// What happened to a timeline, or was asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Action {
    /// The page is there and alive.
    Began,
    /// The stream of live events is open.
    StreamOpened,
    /// The stream broke; the browser tries again by itself.
    StreamLost,
    /// Somebody tweeted.
    Posted(Tweet),
    /// A tweet was deleted.
    Vanished(TweetId),
    /// What was tweeted between the page's rendering and the stream's opening.
    CaughtUp(Vec<Tweet>),
    /// The person wants to see the new tweets.
    PillPressed,
    /// The person came near the end, or pressed "Older".
    OlderAsked,
    /// Older tweets came; `end` if there are no more.
    OlderCame {
        /// Newest first.
        tweets: Vec<Tweet>,
        /// There is nothing older.
        end: bool,
    },
    /// Older tweets did not come.
    OlderFailed(String),
    /// The person wants to delete a tweet, and is asked whether they are sure.
    DeleteAsked(TweetId),
    /// They are not.
    DeleteDismissed,
    /// They are.
    DeleteConfirmed,
    /// The server deleted it.
    Deleted(TweetId),
    /// The server did not.
    DeleteFailed {
        /// Which.
        id: TweetId,
        /// One sentence for people.
        reason: String,
    },
    /// A tweet of ours is on its way.
    Pending {
        /// Which attempt.
        attempt: u32,
        /// With a temporary id.
        tweet: Tweet,
    },
    /// The server took it.
    Confirmed {
        /// Which attempt.
        attempt: u32,
        /// As it is kept.
        tweet: Tweet,
    },
    /// The server did not take it.
    RolledBack {
        /// Which attempt.
        attempt: u32,
    },
}
