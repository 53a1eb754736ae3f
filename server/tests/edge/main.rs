//! The real executable at its edge: secrets that come from files and never get into logs, and TLS.

#![expect(clippy::unwrap_used, reason = "tests")]

mod client;
mod executable;
mod factors;
mod secrets;
mod tls;
