//! The tweet aggregate: posted, deleted.

mod decide;

pub use decide::{TweetCommand, TweetError, TweetEvent, TweetState, decide};
