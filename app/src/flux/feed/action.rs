use crate::flux::{composer, timeline};

/// What happened on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Action {
    /// Another timeline is shown.
    Shown(Box<timeline::State>),
    /// To its timeline.
    Timeline(timeline::Action),
    /// To its composer.
    Composer(composer::Action),
}

impl From<timeline::Action> for Action {
    fn from(action: timeline::Action) -> Self {
        Self::Timeline(action)
    }
}
impl From<composer::Action> for Action {
    fn from(action: composer::Action) -> Self {
        Self::Composer(action)
    }
}
