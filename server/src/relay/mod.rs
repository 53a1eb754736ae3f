//! Events for the outside world: the log, in order, to Kafka (`docs/EVENTS.md`).
//!
//! * [`envelope`]: an event as others read it. Pure, so that it is there with or without Kafka.
//! * [`Relay`]: reads the log from a checkpoint, publishes, and moves the checkpoint after the
//!   acknowledgement. The service never waits for it. With the cargo feature `kafka` only.

pub mod envelope;

#[cfg(feature = "kafka")]
mod lag;
#[cfg(feature = "kafka")]
mod lease;
#[cfg(feature = "kafka")]
mod outage;
#[cfg(feature = "kafka")]
mod publisher;
#[cfg(feature = "kafka")]
mod run;
#[cfg(feature = "kafka")]
mod topics;
#[cfg(feature = "kafka")]
mod turn;

pub use envelope::{Envelopes, Message};
#[cfg(feature = "kafka")]
pub use run::{Pace, Relay};
