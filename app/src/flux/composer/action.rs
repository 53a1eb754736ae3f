use siskin_domain::{Timestamp, wire::Tweet};

/// What happened to the composer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Action {
    /// The text is now this.
    Typed(String),
    /// The person pressed "Tweet".
    Submitted {
        /// What the text area held.
        text: String,
        /// When.
        at: Timestamp,
        /// The idempotency key to use, unless this repeats a failed attempt.
        key: String,
    },
    /// The server took the tweet.
    Confirmed {
        /// Which attempt.
        attempt: u32,
        /// As it is kept.
        tweet: Tweet,
    },
    /// The server did not take it, or did not answer.
    Refused {
        /// Which attempt.
        attempt: u32,
        /// One sentence for people.
        reason: String,
        /// Did the server say no? If not, nobody knows whether the tweet arrived.
        final_: bool,
    },
    /// A tweet of ours, thought to be lost, has come back on the stream.
    Arrived {
        /// What it says.
        body: String,
    },
}
