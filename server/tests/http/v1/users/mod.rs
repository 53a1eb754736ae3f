//! `/api/v1/users`

mod change;
mod delete;
mod read;
mod register;
