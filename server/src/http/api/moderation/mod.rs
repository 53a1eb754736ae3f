//! `/api/v1/moderation`: what moderators see and do.

pub(super) mod hide;
pub(super) mod impose;
pub(super) mod lift;
pub(super) mod log;
pub(super) mod reports;
pub(super) mod resolve;
pub(super) mod unhide;

use siskin_domain::Reason;
use utoipa::ToSchema;

use super::body::JsonBody;
use super::error::ApiError;

/// Why it is done.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handlers read it")]
pub(in crate::http::api) struct Because {
    /// Why: the person reads it, and so do other moderators.
    #[schema(min_length = 1, max_length = 500, example = "Insulted others after a warning.")]
    reason: String,
}

/// The reason that a body must give.
pub(super) fn reason(json: &JsonBody) -> Result<Reason, ApiError> {
    Ok(Reason::parse(json.text("reason")?)?)
}
