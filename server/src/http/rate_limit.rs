//! `RateLimit-Policy` and `RateLimit`: where a caller stands with the limits that counted them.
//!
//! As draft-ietf-httpapi-ratelimit-headers-10 has it: `"name";q=quota;w=seconds` and
//! `"name";r=remaining;t=seconds until it is whole again`, one item per limit.

use std::fmt::Write as _;

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::api::error::ApiError;
use crate::application::Standing;

/// The limits.
pub(super) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// What is left of them.
pub(super) const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// Says it on an answer; nothing where nothing was counted.
pub(super) fn tell(headers: &mut HeaderMap, standings: &[Standing]) {
    if standings.is_empty() {
        return;
    }
    let (mut policy, mut left) = (String::new(), String::new());
    for standing in standings {
        let Standing { name, quota, window_s, remaining, reset_s } = standing;
        let comma = if policy.is_empty() { "" } else { ", " };
        let _ = write!(policy, "{comma}\"{name}\";q={quota};w={window_s}");
        let _ = write!(left, "{comma}\"{name}\";r={remaining};t={reset_s}");
    }
    for (name, text) in [(POLICY, policy), (LEFT, left)] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
}

/// An answer of the API, whatever it is, that says it.
pub(super) fn told(
    answer: Result<Response, ApiError>,
    standings: Vec<Standing>,
) -> Result<Response, ApiError> {
    match answer {
        Ok(mut response) => {
            tell(response.headers_mut(), &standings);
            Ok(response)
        }
        Err(error) => Err(error.standing(standings)),
    }
}
