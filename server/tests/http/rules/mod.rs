//! What is true of every address.

mod bodies;
mod conditional;
mod cors;
mod csrf;
mod description;
mod form_limits;
mod idempotency;
mod ids;
mod late;
mod limits;
mod observatory;
mod paths;
mod position;
mod proxies;
mod rate_limit;
mod roles;
mod sessions;
mod throttle;
mod trouble;
