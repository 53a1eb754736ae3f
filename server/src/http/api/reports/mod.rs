//! `/api/v1/reports`: telling moderators of something.

pub(super) mod post;
