//! Moderation: what is done about a person, each time with a reason and each time reversibly, and
//! reports. Hiding a tweet is an affair of the tweet's ([`crate::tweet`]).

mod person;
mod report;
mod target;

pub use person::{Measure, ModerationCommand, ModerationEvent, Record, Standing, decide};
pub use report::{Filing, ReportCommand, ReportError, ReportEvent, ReportState, decide_report};
pub use target::{ModerationError, Target};
