//! The size of what comes before the body: addresses and headers, cookies among them.
//!
//! The connection has limits of its own, 32 KiB for all of it (`serve`); these are smaller, hold
//! behind every server, and are answered like every other refusal.

use axum::extract::Request;

use super::api::error::ApiError;

/// The longest address with its query, in bytes.
const LONGEST_URI: usize = 8 * 1024;
/// The longest header, in bytes. All cookies of one line are one.
const LONGEST_HEADER: usize = 8 * 1024;
/// The most headers.
pub(super) const HEADERS: usize = 100;

/// Refuses what is too large.
pub(super) fn check(request: &Request) -> Result<(), ApiError> {
    let length = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if length > LONGEST_URI {
        return Err(ApiError::uri_too_long());
    }
    let headers = request.headers();
    if headers.len() > HEADERS || headers.values().any(|value| value.len() > LONGEST_HEADER) {
        return Err(ApiError::headers_too_large());
    }
    Ok(())
}
