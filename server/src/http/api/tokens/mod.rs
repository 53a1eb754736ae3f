//! `/api/v1/tokens`: bearer tokens.

pub(super) mod delete;
pub(super) mod post;
