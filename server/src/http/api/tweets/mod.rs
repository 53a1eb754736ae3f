//! `/api/v2/tweets`: what people say.

pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod post;
