//! `/api/v1`

mod info;
mod tokens;
mod users;
