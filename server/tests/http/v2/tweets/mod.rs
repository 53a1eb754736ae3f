//! `/api/v2/tweets`

mod delete;
mod post;
mod read;
