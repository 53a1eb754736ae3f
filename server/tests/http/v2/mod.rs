//! `/api/v2`

mod stream;
mod tweets;
