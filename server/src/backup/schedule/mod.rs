//! Backups that the server makes by itself.
//!
//! * [`Schedule`]: when, and what if it fails.
//! * `name`, `folder`: which files are ours, which of them are good, and how many stay.
//! * `turn`: one server of several does it.

mod folder;
mod name;
mod run;
mod turn;

pub use folder::{Kept, good, thin};
pub use name::{made_at, name};
pub use run::{Pace, Schedule};
