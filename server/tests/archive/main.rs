//! A store moves into a file and into another store, and is the same there.
//!
//! Every test that moves runs for each pair of [`stores::pairs`]; a store that is new is one more
//! [`stores::Kind`].

#![expect(clippy::unwrap_used, reason = "tests")]

mod command;
mod history;
#[path = "../support/mongodb.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod mongodb;
mod moves;
mod refused;
mod resumed;
mod running;
mod stores;
