//! Signing in with an account somewhere else.

mod discovery;
mod double;
mod stage;
mod tokens;
