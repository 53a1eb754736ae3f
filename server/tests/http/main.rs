//! Facts about the HTTP interface: the real router on a real port over a real store.
//!
//! Files are foldered as the addresses are; `rules` holds what is true of all of them.

#![expect(clippy::unwrap_used, reason = "tests")]

mod app;
mod pages;
mod rules;
mod v1;
mod v2;
