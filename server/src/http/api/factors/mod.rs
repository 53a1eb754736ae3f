//! `/api/v1/factors`: one's own second factors and passkeys.

pub(super) mod get;
