//! What is true of every address.

mod bodies;
mod conditional;
mod cors;
mod csrf;
mod description;
mod idempotency;
mod paths;
mod position;
mod roles;
mod sessions;
mod throttle;
mod trouble;
