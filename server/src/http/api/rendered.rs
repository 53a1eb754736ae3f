//! Answers to GET: bytes with an ETag, and lists that are kept while nothing has changed.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Serialize;
use sha2::{Digest, Sha256};
use siskin_domain::Username;
use utoipa::IntoParams;

use crate::storage::Page;

/// How many bytes of lists are kept.
const KEPT_BYTES: u64 = 8 * 1024 * 1024;
/// About how many lists that is.
const KEPT_LISTS: usize = 512;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Keep it, but ask whether it is still true.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
const BY_CALLER: HeaderValue = HeaderValue::from_static("authorization, cookie");

/// An answer to GET, ready to be sent many times.
#[derive(Debug, Clone)]
pub(in crate::http) struct Rendered {
    body: Bytes,
    etag: HeaderValue,
    link: Option<HeaderValue>,
    by_caller: bool,
}

impl Rendered {
    /// The JSON of a value.
    pub(super) fn json(value: &impl Serialize) -> Self {
        // Our answers are plain structs with string keys: serialising them can't fail.
        let body: Bytes = serde_json::to_vec(value).unwrap_or_default().into();
        Self { etag: etag(&body), body, link: None, by_caller: false }
    }

    /// With the addresses of the neighbouring pages.
    pub(super) fn linked(mut self, link: Option<HeaderValue>) -> Self {
        self.link = link;
        self
    }

    /// Others may see less or more.
    pub(super) fn by_caller(mut self) -> Self {
        self.by_caller = true;
        self
    }

    /// The answer: 304 if the client has it already.
    pub(super) fn answer(&self, known: &IfNoneMatch) -> Response {
        let mut response = if known.holds(&self.etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = Response::new(self.body.clone().into());
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::CACHE_CONTROL, REVALIDATE);
        if let Some(link) = &self.link {
            headers.insert(header::LINK, link.clone());
        }
        if self.by_caller {
            headers.insert(header::VARY, BY_CALLER);
        }
        response
    }
}

/// A strong validator: the same bytes have the same, other bytes another.
pub(super) fn etag(body: &[u8]) -> HeaderValue {
    let hash = Sha256::digest(body);
    let text = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash[..16]));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The validators of what a client has already.
pub(super) struct IfNoneMatch(Vec<HeaderValue>);

/// The header, for the description.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes the header; IfNoneMatch reads it")]
pub(super) struct KnownHeader {
    /// The `ETag` of what one has already.
    #[param(rename = "If-None-Match", max_length = 8192)]
    known: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect()))
    }
}

impl IfNoneMatch {
    /// Weak comparison, as RFC 9110 §13.1.2 wants it; `*` holds for whatever is there.
    fn holds(&self, etag: &HeaderValue) -> bool {
        self.0.iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).any(
            |known| {
                let known = known.trim();
                known == "*" || known.trim_start_matches("W/").as_bytes() == etag.as_bytes()
            },
        )
    }
}

/// Which list: whose tweets, or everybody's, and which page of them.
pub(in crate::http) type ListKey = (Option<Username>, Page);

/// Lists as bytes, void when the store's generation is another: a hit makes no JSON and asks
/// nobody.
pub(in crate::http) struct RenderedLists {
    kept: Cache<ListKey, (u64, Arc<Rendered>), ByBytes>,
}

impl Default for RenderedLists {
    fn default() -> Self {
        Self { kept: Cache::with_weighter(KEPT_LISTS, KEPT_BYTES, ByBytes) }
    }
}

impl RenderedLists {
    pub(super) fn get(&self, key: &ListKey, generation: u64) -> Option<Arc<Rendered>> {
        self.kept.get(key).filter(|(at, _)| *at == generation).map(|(_, rendered)| rendered)
    }

    pub(super) fn keep(&self, key: ListKey, generation: u64, rendered: Arc<Rendered>) {
        self.kept.insert(key, (generation, rendered));
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<ListKey, (u64, Arc<Rendered>)> for ByBytes {
    fn weight(&self, _: &ListKey, (_, rendered): &(u64, Arc<Rendered>)) -> u64 {
        rendered.body.len() as u64 + 512
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(lines: &[&'static str]) -> IfNoneMatch {
        IfNoneMatch(lines.iter().map(|line| HeaderValue::from_static(line)).collect())
    }

    #[test]
    fn validators_are_compared_weakly_and_in_lists() {
        let etag = HeaderValue::from_static("\"abc\"");
        for lines in
            [&["\"abc\""][..], &["W/\"abc\""], &["\"x\", \"abc\""], &["\"x\"", "\"abc\""], &["*"]]
        {
            assert!(known(lines).holds(&etag), "{lines:?}");
        }
        for lines in [&[][..], &["\"x\""], &["abc"], &[""]] {
            assert!(!known(lines).holds(&etag), "{lines:?}");
        }
    }
}
