//! Signing in with an account somewhere else.

mod browser;
mod discovery;
mod double;
mod identities;
mod log_in;
mod stage;
mod tokens;
