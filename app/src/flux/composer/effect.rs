use super::Attempt;

/// What the world should do for the composer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send a tweet.
    Post(Attempt),
}
