//! Facts about the HTTP interface: the real router on a real port over a real store,
//! which is SQLite in the program `http` and MongoDB in the program `http_mongodb`.
//!
//! Files are foldered as the addresses are; `rules` holds what is true of all of them.

#![expect(clippy::unwrap_used, reason = "tests")]

mod account_delete;
mod admin_status;
mod app;
mod closed;
mod erasure;
mod factors;
mod forms;
mod invitations;
mod letters;
mod mail;
mod moderation_pages;
#[path = "../support/mongodb.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod mongodb;
mod oidc;
mod own_data;
mod pages;
mod place;
mod rules;
mod settings;
#[path = "../support/stopwatch.rs"]
mod stopwatch;
mod v1;
mod v2;
