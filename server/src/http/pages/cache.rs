//! Pages for visitors are the same for everybody but for the nonce: kept while nothing changes.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use http::{HeaderMap, StatusCode};
use quick_cache::sync::Cache;
use siskin_app::context::Theme;
use siskin_domain::Timestamp;

/// How many pages are kept.
const PAGES: usize = 256;
/// The longest page that is kept, in bytes.
const LARGEST: usize = 256 * 1024;
/// How long a page is kept at most: it holds the time of its making.
const KEEP: Duration = Duration::from_secs(1);

/// What distinguishes one visitor's page from another's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) path_and_query: String,
    pub(super) theme: Theme,
}

/// A rendered page in which the nonce can be replaced.
#[derive(Debug)]
pub(super) struct Rendered {
    status: StatusCode,
    headers: HeaderMap,
    /// The page, cut where the nonce stood.
    pieces: Vec<Bytes>,
    generation: u64,
    made_at: Timestamp,
}

impl Rendered {
    /// Cuts a page at its nonce.
    pub(super) fn new(
        status: StatusCode,
        headers: HeaderMap,
        page: &Bytes,
        nonce: &str,
        generation: u64,
        made_at: Timestamp,
    ) -> Self {
        let mut pieces = Vec::new();
        let mut from = 0;
        for at in find_all(page, nonce.as_bytes()) {
            pieces.push(page.slice(from..at));
            from = at + nonce.len();
        }
        pieces.push(page.slice(from..));
        Self { status, headers, pieces, generation, made_at }
    }

    /// The page with another nonce.
    pub(super) fn with_nonce(&self, nonce: &str) -> (StatusCode, HeaderMap, Bytes) {
        let length: usize = self.pieces.iter().map(Bytes::len).sum();
        let mut page = Vec::with_capacity(length + nonce.len() * (self.pieces.len() - 1));
        for (i, piece) in self.pieces.iter().enumerate() {
            if i > 0 {
                page.extend_from_slice(nonce.as_bytes());
            }
            page.extend_from_slice(piece);
        }
        (self.status, self.headers.clone(), Bytes::from(page))
    }
}

/// Where `needle` stands in `hay`, without overlaps; nowhere if it is empty.
fn find_all(hay: &[u8], needle: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while !needle.is_empty() && at + needle.len() <= hay.len() {
        if hay[at..].starts_with(needle) {
            found.push(at);
            at += needle.len();
        } else {
            at += 1;
        }
    }
    found
}

/// Visitors' pages, valid for one generation of the store and at most [`KEEP`].
pub(super) struct VisitorCache(Cache<Key, Arc<Rendered>>);

impl VisitorCache {
    pub(super) fn new() -> Self {
        Self(Cache::new(PAGES))
    }

    /// The page, if it is still true.
    pub(super) fn get(&self, key: &Key, generation: u64, now: Timestamp) -> Option<Arc<Rendered>> {
        let page = self.0.get(key)?;
        let age = now.unix_ms() - page.made_at.unix_ms();
        let fresh = (0..=KEEP.as_millis() as i64).contains(&age);
        (page.generation == generation && fresh).then_some(page)
    }

    /// Keeps a page, unless it is very long.
    pub(super) fn put(&self, key: Key, page: Rendered) {
        if page.pieces.iter().map(Bytes::len).sum::<usize>() <= LARGEST {
            self.0.insert(key, Arc::new(page));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key { path_and_query: "/".to_owned(), theme: Theme::System }
    }
    fn page(text: &'static str, generation: u64) -> Rendered {
        let page = Bytes::from_static(text.as_bytes());
        let at = Timestamp::from_unix_ms(1000);
        Rendered::new(StatusCode::OK, HeaderMap::new(), &page, "OLD", generation, at)
    }

    #[test]
    fn every_nonce_is_replaced_and_nothing_else() {
        let (_, _, html) = page("<a OLD><b>OLD OL", 1).with_nonce("NEWER");
        assert_eq!(html, "<a NEWER><b>NEWER OL");
    }

    #[test]
    fn a_page_is_kept_for_one_generation_and_one_second() {
        let cache = VisitorCache::new();
        cache.put(key(), page("x", 7));
        let at = Timestamp::from_unix_ms;
        assert!(cache.get(&key(), 7, at(2000)).is_some());
        assert!(cache.get(&key(), 8, at(1000)).is_none());
        assert!(cache.get(&key(), 7, at(2001)).is_none());
        assert!(cache.get(&key(), 7, at(999)).is_none());
    }
}
