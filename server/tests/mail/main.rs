//! Facts about mail, against a real mail server.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../http/app.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod app;
mod command;
mod delivery;
#[path = "../edge/executable.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod executable;
mod executable_mails;
#[path = "../support/mailbox.rs"]
mod mailbox;
#[path = "../support/mongodb.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod mongodb;
#[path = "../http/place.rs"]
mod place;
#[path = "../support/wait.rs"]
mod wait;
