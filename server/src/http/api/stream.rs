//! `GET /api/v2/stream`: tweets as they are posted and deleted.

use std::net::IpAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Query, State};
use axum::response::Response;
use bytes::Bytes;
use futures::stream::{Stream, unfold};
use http::request::Parts;
use http::{HeaderName, HeaderValue, header};
use siskin_domain::Position;
use tokio::sync::watch;

use super::address::Peer;
use super::auth::MaybeCaller;
use super::error::ApiError;
use super::problems::Streaming;
use crate::application::Watching;
use crate::application::live::Listener;
use crate::application::throttle::customer;
use crate::http::places::{Full, Place, Places};
use crate::http::position;
use crate::http::state::HttpState;

/// How many streams may be open at once.
const MOST: usize = 10_000;
/// How many of one address, while throttles are on.
const MOST_PER_ADDRESS: usize = 50;
/// How often a comment shows that the connection lives.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// When clients come back after the server has ended, in milliseconds.
const BACK_IN_MS: Range<u64> = 200..1200;
const ALIVE: Bytes = Bytes::from_static(b": alive\n\n");

/// Tweets as they are posted and deleted, as server-sent events.
///
/// `event: tweet.posted` carries a Tweet, `event: tweet.deleted` carries `{"id"}`; `id:` is the
/// event's position. With `Last-Event-ID` the stream goes on after that position without loss;
/// without, it begins now. A comment comes every 15 seconds. What somebody opened who is signed in
/// ends with their session or token.
#[utoipa::path(
    get,
    path = "/api/v2/stream",
    tag = "tweets",
    params(
        ("Last-Event-ID" = Option<u64>, Header, maximum = 9007199254740991u64, description = "The last position that was seen."),
        ("last_event_id" = Option<u64>, Query, maximum = 9007199254740991u64,
            description = "The same, for clients that can't set headers."),
    ),
    responses(
        (status = 200, description = "An endless stream.", content_type = "text/event-stream",
            body = String),
        Streaming,
    ),
    security((), ("bearer" = []), ("cookie" = []))
)]
pub(super) async fn get(
    State(state): State<HttpState>,
    MaybeCaller(caller): MaybeCaller,
    Peer(peer): Peer,
    LastEventId(seen): LastEventId,
) -> Result<Response, ApiError> {
    let place = state.streams.take(customer(peer))?;
    if let Some(seen) = seen {
        // It may have been seen at another server, which is further than this one.
        state.services.queries.reach(seen).await;
    }
    let listener = state.services.live.listen(seen);
    let session = caller.map(|caller| state.services.callers.watch(&caller));
    let stopping = state.stopping.clone();
    let back_in_ms = state.streams.spread();
    let open =
        Open { listener, session, stopping, begun: false, ended: false, back_in_ms, _place: place };
    let mut response = Response::new(Body::from_stream(events(open)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx and its kind would otherwise keep events until they have a page full of them.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// The last position that a client has seen; the header wins, an empty one counts as none.
pub(super) struct LastEventId(Option<Position>);

impl<S: Send + Sync> FromRequestParts<S> for LastEventId {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let header = parts.headers.get("last-event-id").map(|value| value.to_str());
        let text = match header {
            Some(text) => Some(text.map_err(|_| ApiError::last_event_id_invalid())?.to_owned()),
            None => Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
                .map_err(|_| ApiError::bad_request("The query can't be read."))?
                .0
                .into_iter()
                .find_map(|(key, value)| (key == "last_event_id").then_some(value)),
        };
        match text.as_deref().map(str::trim) {
            None | Some("") => Ok(Self(None)),
            Some(text) => {
                let seen = position::parse(text).ok_or_else(ApiError::last_event_id_invalid)?;
                Ok(Self(Some(seen)))
            }
        }
    }
}

/// A stream that is open.
struct Open {
    listener: Listener,
    /// Of whoever opened it, if they are signed in.
    session: Option<Watching>,
    stopping: watch::Receiver<bool>,
    begun: bool,
    ended: bool,
    /// How long the client is to wait before it comes back, if the server ends.
    back_in_ms: u64,
    _place: Place,
}

fn events(open: Open) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
    unfold(open, |mut open| async move {
        let next = open.next().await?;
        Some((Ok(next), open))
    })
}

impl Open {
    async fn next(&mut self) -> Option<Bytes> {
        if !std::mem::replace(&mut self.begun, true) {
            return Some(self.opening());
        }
        if self.ended {
            return None;
        }
        tokio::select! {
            biased;
            () = stopped(&mut self.stopping) => {
                self.ended = true;
                Some(self.goodbye())
            }
            () = ended(&mut self.session) => None,
            events = self.listener.next() => events,
            () = tokio::time::sleep(COMMENT_EVERY) => Some(ALIVE),
        }
    }
}

impl Open {
    /// The first thing to be sent, so that clients and proxies see the stream open. With the
    /// position at which it begins: whoever loses it before the first event misses nothing either.
    fn opening(&self) -> Bytes {
        format!(": open\nid: {}\n\n", self.listener.seen()).into()
    }

    /// The last thing, when the server ends: where the client is, and when to come back.
    fn goodbye(&self) -> Bytes {
        let (seen, retry) = (self.listener.seen(), self.back_in_ms);
        format!("id: {seen}\nretry: {retry}\n\n").into()
    }
}

async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Waits for the end of a session; for ever if there is none.
async fn ended(session: &mut Option<Watching>) {
    match session {
        Some(session) => session.ended().await,
        None => std::future::pending().await,
    }
}

/// Lets streams be opened, within the limits.
pub(in crate::http) struct Streams {
    places: Places,
    per_address: Option<usize>,
    opened: AtomicU64,
}

impl Streams {
    pub(in crate::http) fn new(per_address: bool) -> Self {
        let per_address = per_address.then_some(MOST_PER_ADDRESS);
        let places = Places::new(MOST, metrics::gauge!("siskin_streams_open"));
        Self { places, per_address, opened: AtomicU64::new(0) }
    }

    /// Each client another time, so that not all come to the next server at the same moment.
    fn spread(&self) -> u64 {
        let opened = self.opened.fetch_add(1, Ordering::Relaxed);
        BACK_IN_MS.start + opened * 137 % (BACK_IN_MS.end - BACK_IN_MS.start)
    }

    fn take(&self, from: IpAddr) -> Result<Place, ApiError> {
        self.places.take(from, self.per_address).map_err(|full| match full {
            Full::Altogether => ApiError::unavailable(30),
            Full::Address => ApiError::too_many_streams(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_streams() {
        let streams = Streams::new(true);
        let from: IpAddr = "192.0.2.1".parse().unwrap();
        let taken: Vec<_> = (0..MOST_PER_ADDRESS).map(|_| streams.take(from).unwrap()).collect();
        assert_eq!(streams.take(from).err().unwrap().status(), 429);
        assert!(streams.take("192.0.2.2".parse().unwrap()).is_ok());
        drop(taken);
        assert!(streams.take(from).is_ok());
    }
}
