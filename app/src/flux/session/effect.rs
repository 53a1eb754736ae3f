use crate::context::Theme;

/// What the world should do for the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Show these colours, and remember them for a year.
    WearTheme(Theme),
}
