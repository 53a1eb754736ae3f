//! A timeline: rows, the pill of new tweets, older ones on demand, deleting.

mod action;
mod effect;
mod reduce;
mod state;
#[cfg(test)]
mod tests;

pub use action::Action;
pub use effect::Effect;
pub(super) use reduce::{new_tweets, reduce};
pub use state::{Feed, Older, Row, State, Stream, has_tag};
