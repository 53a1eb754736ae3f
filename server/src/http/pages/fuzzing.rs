//! What [`crate::fuzzing`] feeds to the parsers of pages.

use http::HeaderMap;

use super::{cookies, forms};

/// Cookies, and where a form came from.
pub(in crate::http) fn head(headers: &HeaderMap) {
    let _ = (cookies::theme(headers), cookies::flash(headers));
    let _ = forms::wants_json(headers);
    let back = forms::theme::page_before(headers);
    assert!(back.starts_with('/') && !back.starts_with("//"), "another site: {back}");
}
