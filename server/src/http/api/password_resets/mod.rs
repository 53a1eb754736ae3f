//! `/api/v1/password-resets`: a new password for somebody who has forgotten theirs.

pub(super) mod confirm;
pub(super) mod post;
