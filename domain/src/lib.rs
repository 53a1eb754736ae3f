//! The rules of Siskin, and the shapes that travel on its wires.
//!
//! Nothing here does I/O, reads a clock or draws a random number, so the same code runs in the
//! browser and on the server, and every rule can be tested with plain values.
//!
//! * [`values`]: types that parse once, at the edge, and are carried from there on.
//! * [`user`], [`tweet`]: the aggregates: `decide` holds the rules, `evolve` folds events.
//! * [`moderation`]: what is done about people and tweets, and reports of them.
//! * [`event`]: the events of all aggregates, as the log records them.
//! * [`wire`]: the JSON of the REST API.
//! * [`text`]: normal form, counting, and the links inside a tweet's body.

pub mod event;
pub mod id;
pub mod moderation;
pub mod text;
pub mod time;
pub mod tweet;
pub mod user;
pub mod values;
pub mod wire;

pub use event::{Actor, Event, Position, Recorded, StreamId};
pub use id::{Id, ReportId, TweetId, UserId};
pub use time::Timestamp;
pub use values::{
    Bio, DisplayName, Email, FieldError, Password, Reason, Role, TweetBody, Username,
};
