//! `/api/v1/users`: people.

pub(super) mod archive;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod post;
pub(super) mod put;
pub(super) mod role;
