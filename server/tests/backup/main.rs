//! Nothing is ever lost: backups under load, restores whole and up to a moment, what is refused, what
//! a log that is not sound says, and the server's own backups. The real executable wherever a process
//! matters.

#![expect(clippy::unwrap_used, reason = "tests")]

mod damaged;
#[path = "../archive/history.rs"]
mod history;
mod killed;
mod load;
#[path = "../support/mongodb.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod mongodb;
mod place;
mod scheduled;
#[path = "../crash/server.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod server;
mod shared;
mod under_load;
mod unfinished;
mod until;
#[path = "../support/wait.rs"]
mod wait;
mod wrong_files;
