//! Facts about resistance: who may do what, and what a hostile client gains.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../http/app.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod app;
#[path = "../http/factors/authenticator.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod authenticator;
mod closed;
mod enumeration;
mod heads;
#[path = "../http/letters.rs"]
mod letters;
mod matrix;
#[path = "../support/mongodb.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod mongodb;
#[path = "../http/place.rs"]
mod place;
mod slow;
mod table;
mod world;
