use crate::flux::{composer, timeline};

/// What the world should do for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// For its timeline.
    Timeline(timeline::Effect),
    /// For its composer.
    Composer(composer::Effect),
}
