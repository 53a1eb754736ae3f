//! Connections on which nobody asks for anything.
//!
//! hyper's own limit begins with the first bytes of HTTP/1: whoever connects and says nothing, or
//! opens HTTP/2 and answers pings, would keep a place for ever.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::Version;
use hyper::body::{Frame, SizeHint};

/// How long an HTTP/2 connection may be open without a request in progress. Browsers open another
/// when they need one.
const IDLE: Duration = Duration::from_secs(60);

/// What is asked for on a connection. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Asked(Arc<Inner>);

#[derive(Default)]
struct Inner {
    begun: AtomicUsize,
    open: AtomicUsize,
    http2: AtomicBool,
}

impl Asked {
    /// Notes a request.
    pub(super) fn note(&self, version: Version) -> Open {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        if version != Version::HTTP_2 {
            // HTTP/1 has one request at a time, and hyper waits for the next one's head.
            return Open(None);
        }
        self.0.http2.store(true, Ordering::Relaxed);
        self.0.open.fetch_add(1, Ordering::Relaxed);
        Open(Some(Arc::clone(&self.0)))
    }

    /// Ends when nothing was asked for within `first`, or, on HTTP/2, nothing is in progress or
    /// begun for a while.
    pub(super) async fn nothing(&self, first: Duration) {
        self.nothing_for(first, IDLE).await;
    }

    async fn nothing_for(&self, first: Duration, later: Duration) {
        let (mut patience, mut seen) = (first, 0);
        loop {
            tokio::time::sleep(patience).await;
            let begun = self.0.begun.load(Ordering::Relaxed);
            if begun == seen && self.0.open.load(Ordering::Relaxed) == 0 {
                return;
            }
            if !self.0.http2.load(Ordering::Relaxed) {
                return std::future::pending().await;
            }
            (patience, seen) = (later, begun);
        }
    }
}

/// A request of HTTP/2 in progress, until its answer has been sent.
pub(super) struct Open(Option<Arc<Inner>>);

impl Open {
    /// It lasts as long as the answer's body.
    pub(super) fn until_sent(self, answer: Response) -> Response {
        match self.0 {
            None => answer,
            Some(_) => answer.map(|body| Body::new(Sending { body, _open: self })),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(inner) = &self.0 {
            inner.open.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

struct Sending {
    body: Body,
    _open: Open,
}

impl hyper::body::Body for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_secs(10);
    const LATER: Duration = Duration::from_secs(60);

    /// How long it takes until nothing is asked for, in seconds; none within an hour.
    async fn silent_after(asked: &Asked) -> Option<u64> {
        let begun = tokio::time::Instant::now();
        let hour = Duration::from_secs(3600);
        let silent = tokio::time::timeout(hour, asked.nothing_for(FIRST, LATER)).await;
        silent.ok().map(|()| begun.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_for_nothing_has_ten_seconds() {
        assert_eq!(silent_after(&Asked::default()).await, Some(10));
    }

    #[tokio::test(start_paused = true)]
    async fn http1_is_left_to_hyper_once_it_has_asked() {
        let asked = Asked::default();
        drop(asked.note(Version::HTTP_11));
        assert_eq!(silent_after(&asked).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn http2_ends_when_nothing_is_in_progress_any_more() {
        let asked = Asked::default();
        let open = asked.note(Version::HTTP_2);
        assert_eq!(silent_after(&asked).await, None, "a stream is open");
        drop(open);
        let busy = asked.clone();
        tokio::spawn(async move {
            for _ in 0..5 {
                drop(busy.note(Version::HTTP_2));
                tokio::time::sleep(Duration::from_secs(50)).await;
            }
        });
        let silent = silent_after(&asked).await.unwrap();
        assert!((260..=330).contains(&silent), "{silent}");
    }
}
