pub(super) mod list;
pub(super) mod post;
pub(super) mod revoke;
