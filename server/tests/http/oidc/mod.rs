//! Signing in with an account somewhere else.

pub(crate) mod browser;
mod discovery;
pub(crate) mod double;
mod identities;
mod log_in;
mod stage;
mod tokens;
