//! `/api/v1/sessions`: one's own sessions and tokens.

pub(super) mod delete;
pub(super) mod end;
pub(super) mod list;
