//! What identifies a request, in its log lines, in its answer, and in its trace.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use axum::extract::MatchedPath;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::trace_context::{self, Parent};
use crate::application::{Entropy as _, OsEntropy};

/// Where a request's id comes and goes.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is taken.
const LONGEST: usize = 64;

/// The ids of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ids {
    request: [u8; LONGEST],
    length: u8,
    trace: [u8; 32],
    span: [u8; 16],
    /// Who asked, if they said so as they should.
    pub(crate) parent: Option<Parent>,
}

/// How a request was answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// The status.
    pub(crate) status: u16,
    /// From its head to the head of its answer.
    pub(crate) took: Duration,
}

impl Ids {
    /// The ids that a request brought, and new ones in the place of what is missing or not as it
    /// should be. A request id that we make is the id of our span.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let parent = trace_context::parent(headers);
        let span = hex(&random().to_be_bytes());
        let trace = parent.map_or_else(
            || {
                let both = [random().to_be_bytes(), random().to_be_bytes()];
                hex(both.as_flattened())
            },
            |parent| parent.trace,
        );
        let mut request = [0; LONGEST];
        let known = known(headers).unwrap_or(&span);
        request[..known.len()].copy_from_slice(known);
        Self { request, length: known.len() as u8, trace, span, parent }
    }

    /// `X-Request-Id`.
    pub(crate) fn request_id(&self) -> &str {
        text(&self.request[..usize::from(self.length)])
    }

    /// The same for the answer.
    pub(crate) fn header(&self) -> HeaderValue {
        let id = &self.request[..usize::from(self.length)];
        HeaderValue::from_bytes(id).unwrap_or(HeaderValue::from_static("-"))
    }

    /// 32 hexadecimal digits.
    pub(crate) fn trace_id(&self) -> &str {
        text(&self.trace)
    }

    /// 16 hexadecimal digits: ours.
    pub(crate) fn span_id(&self) -> &str {
        text(&self.span)
    }
}

/// The id that came with a request, if there is one and it may be written down as it is.
fn known(headers: &HeaderMap) -> Option<&[u8]> {
    let id = headers.get(&REQUEST_ID)?.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    ((1..=LONGEST).contains(&id.len()) && id.iter().all(plain)).then_some(id)
}

/// All of our ids are ASCII.
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn hex<const TEXT: usize>(bytes: &[u8]) -> [u8; TEXT] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'0'; TEXT];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

thread_local! {
    /// SplitMix64, begun anew on each thread: ids must differ, and nothing depends on nobody
    /// guessing them.
    static STATE: Cell<u64> = Cell::new({
        let mut seed = [0; 8];
        OsEntropy.fill(&mut seed);
        u64::from_ne_bytes(seed)
    });
}

/// A number that hardly comes twice, and never 0, which is no id.
pub(super) fn random() -> u64 {
    let state = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let mut mixed = state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)).max(1)
}

/// The request that this task answers.
pub(super) struct Current {
    pub(super) ids: Ids,
    pub(super) method: &'static str,
    route: Cell<Option<MatchedPath>>,
}

/// What has no template: addresses that there are not.
pub(crate) const UNMATCHED: &str = "unmatched";
/// Where the API's own table hangs in the table of all addresses.
const API: &str = "/api/{*rest}";

/// The template of an address as people know it. Routers inside of one another say both.
pub(crate) fn template(route: &MatchedPath) -> &str {
    match route.as_str().strip_prefix(API) {
        None => route.as_str(),
        Some("") => UNMATCHED,
        Some(inner) => inner,
    }
}

tokio::task_local! {
    static CURRENT: Current;
}

/// Answers a request, so that what is logged meanwhile says which one it was.
pub(crate) async fn during<F: Future>(
    ids: Ids,
    method: &'static str,
    route: Option<MatchedPath>,
    answer: F,
) -> F::Output {
    CURRENT.scope(Current { ids, method, route: Cell::new(route) }, answer).await
}

/// Notes which address it turned out to be.
pub(crate) fn note_route(route: &MatchedPath) {
    let _ = CURRENT.try_with(|current| current.route.set(Some(route.clone())));
}

/// The request that is being answered here, if one is, with the template of its address.
pub(super) fn current<T>(look: impl FnOnce(&Current, &str) -> T) -> Option<T> {
    let looked = CURRENT.try_with(|current| {
        let route = current.route.take();
        let looked = look(current, route.as_ref().map_or(UNMATCHED, template));
        current.route.set(route);
        looked
    });
    looked.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(name: &'static str, value: &str) -> Ids {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        Ids::of(&headers)
    }

    #[test]
    fn a_well_formed_request_id_is_kept() {
        let longest = "x".repeat(64);
        for id in ["a", "Z-9_.", "0af7651916cd43dd", longest.as_str()] {
            let ids = ids("x-request-id", id);
            assert_eq!((ids.request_id(), ids.header().as_bytes()), (id, id.as_bytes()));
        }
    }

    #[test]
    fn any_other_is_replaced_by_a_new_one() {
        let longer = "x".repeat(65);
        for id in ["", " ", "a b", "a\"b", "a\tb", "ana@example.org", "é", longer.as_str()] {
            let ids = ids("x-request-id", id);
            assert_eq!(ids.request_id(), ids.span_id(), "{id}");
            assert!(ids.span_id().len() == 16 && ids.trace_id().len() == 32);
        }
    }

    #[test]
    fn a_trace_goes_on_and_the_span_is_ours() {
        let ids = ids("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assert_eq!(ids.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_ne!(ids.span_id(), "b7ad6b7169203331");
        assert_eq!(&ids.parent.unwrap().span, b"b7ad6b7169203331");
    }

    #[test]
    fn new_ids_differ() {
        let all: std::collections::HashSet<_> = (0..10_000)
            .flat_map(|_| {
                let ids = Ids::of(&HeaderMap::new());
                [ids.trace_id().to_owned(), ids.span_id().to_owned()]
            })
            .collect();
        assert_eq!(all.len(), 20_000);
    }
}
