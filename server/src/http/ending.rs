//! The end of a server, in two steps: first it is no longer ready, then it closes.

use axum::response::Response;
use http::{HeaderValue, Version, header};
use tokio::sync::watch;

/// Tells what the end has come to. Both turn true once and stay so.
#[derive(Debug, Clone)]
pub struct Ending {
    /// `/readyz` answers 503, and all else goes on: whoever sends requests here is to find out and
    /// send them elsewhere. Connections end with the answer that they wait for.
    pub leaving: watch::Receiver<bool>,
    /// No more connections; streams end, and requests in progress may end.
    pub stopping: watch::Receiver<bool>,
}

/// Both steps at once.
impl From<watch::Receiver<bool>> for Ending {
    fn from(stopping: watch::Receiver<bool>) -> Self {
        Self { leaving: stopping.clone(), stopping }
    }
}

impl Ending {
    /// Says on an answer over HTTP/1 that it is the connection's last, if the end has begun: the
    /// client then opens its next one elsewhere, instead of losing a request on one that closes.
    pub(super) fn mark(&self, version: Version, response: &mut Response) {
        if *self.leaving.borrow() && version < Version::HTTP_2 {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
    }
}
