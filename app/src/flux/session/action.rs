use siskin_domain::Timestamp;

use crate::context::Theme;

/// What happened to the session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Action {
    /// Time has passed: relative times are told anew.
    Ticked(Timestamp),
    /// The person chose colours.
    ThemeChosen(Theme),
    /// The person went to another page: what was said about the last one is over.
    Moved,
}
