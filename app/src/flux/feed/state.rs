use crate::flux::{composer, timeline};

/// A page's state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct State {
    /// The tweets.
    pub timeline: timeline::State,
    /// The composer; without an author where there is none.
    pub composer: composer::State,
}

impl State {
    /// Has the stream brought a tweet of ours before its POST was answered?
    pub(super) fn has_arrived(&self, attempt: u32) -> bool {
        self.timeline.rows.iter().any(|row| !row.pending && row.attempt == Some(attempt))
    }

    /// Is this one of ours?
    pub(super) fn is_mine(&self, username: &str) -> bool {
        self.timeline.me.as_deref() == Some(username)
    }
}
