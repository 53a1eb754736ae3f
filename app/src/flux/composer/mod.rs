//! The composer: a draft, what is on its way, and what came back.

mod action;
mod effect;
mod reduce;
mod state;
#[cfg(test)]
mod tests;

pub use action::Action;
pub use effect::Effect;
pub(super) use reduce::reduce;
pub use state::{Attempt, Author, State};
