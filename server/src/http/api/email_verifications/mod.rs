//! `/api/v1/email-verifications`: showing that an e-mail address is one's own.

pub(super) mod confirm;
pub(super) mod post;
