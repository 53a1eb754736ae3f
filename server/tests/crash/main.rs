//! Nothing acknowledged is ever lost, and nothing is told wrong: the real executable is killed, its disk
//! fills up, fails, tears pages and loses power, and the clock jumps, while people tweet. What is injected
//! where is listed in docs/FAULTS.md.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../support/disk.rs"]
mod disk;
#[path = "../support/load.rs"]
mod load;
#[path = "../support/log.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod log;
#[path = "../support/stream.rs"]
mod stream;
#[path = "../support/wait.rs"]
mod wait;

mod clock;
mod disk_full;
mod graceful;
mod io_errors;
mod kill;
mod place;
mod power;
mod server;
mod slow_disk;
mod torn;
