//! The real executable at its edge: secrets that come from files and never get into logs, and TLS.

#![expect(clippy::unwrap_used, reason = "tests")]

mod client;
#[path = "../http/oidc/double.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod double;
mod executable;
mod factors;
mod hand;
mod oidc;
mod secrets;
mod tls;
