//! `/api/v1`

mod info;
mod moderation;
mod scopes;
mod sessions;
mod tokens;
mod users;
