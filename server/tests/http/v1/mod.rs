//! `/api/v1`

mod info;
mod scopes;
mod sessions;
mod tokens;
mod users;
