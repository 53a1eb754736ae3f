//! Accepts connections and hands them to the router, within limits that `axum::serve` lacks.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use futures::TryFutureExt as _;
use http::{HeaderValue, Request, header};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tower::ServiceExt;

use super::bounds;
use super::connections::Connections;
use super::ending::Ending;
use super::pace::{Pace, Paced};
use super::places::Place;
use super::silence::Asked;
use super::stall::Stalling;
use super::tls::Tls;

/// The most bytes of a request's head.
const HEADER_BYTES: usize = 32 * 1024;
/// How long requests in progress may take to end after the order to stop.
pub const DRAIN: Duration = Duration::from_secs(8);
/// The answer to a connection beyond the limits.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\n\
                      content-length: 0\r\nconnection: close\r\n\r\n";
/// Who has knocked when the server is to stop is let in for so long: the system has accepted their
/// connections already, and would else cut them.
const LAST_CALL: Duration = Duration::from_millis(20);
/// A pause after the system had no socket for us, instead of a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a connection may take of the server.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long a client may take to send the head of a request, from the connection's beginning or
    /// from its last answer.
    pub header_timeout: Duration,
    /// How fast a body must arrive.
    pub pace: Pace,
    /// How long a client may read nothing of an answer that waits to be sent.
    pub stalled: Duration,
    /// How many connections there are at most: as many as streams, and room for others.
    pub connections: usize,
    /// How many of one address; this very machine's are not counted, where proxies may stand.
    pub connections_per_address: Option<usize>,
    /// Proxies on other machines: they bring everybody, so theirs are not counted either.
    pub proxies: Vec<IpNet>,
    /// Are they among the metrics? Those of the metrics' own listener are not.
    pub counted: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            pace: Pace::default(),
            stalled: Duration::from_secs(30),
            connections: 16_384,
            connections_per_address: None,
            proxies: Vec::new(),
            counted: true,
        }
    }
}

impl Limits {
    /// How many connections of one address are served while throttles are on.
    pub const PER_ADDRESS: usize = 1024;
}

/// Serves until it is to stop, then drains: no new connection, requests in progress may end within
/// [`DRAIN`]. With `tls` it speaks HTTPS, without it HTTP.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    ending: impl Into<Ending>,
    limits: Limits,
) {
    let ending = ending.into();
    let mut stop = ending.stopping.clone();
    let mut last_call = None;
    let graceful = GracefulShutdown::new();
    let builder = connection_builder(limits.header_timeout);
    let connections = Connections::new(&limits);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop), if last_call.is_none() => {
                last_call = Some(Instant::now() + LAST_CALL);
                continue;
            }
            () = until(last_call) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(place) = connections.take(peer.ip()) else {
            // Best effort, as it must cost nothing: whoever is not even writable goes without.
            let _ = stream.try_write(FULL);
            tracing::debug!("a connection was refused: there are too many");
            continue;
        };
        // Small answers leave at once; latency matters more than packets here.
        let _ = stream.set_nodelay(true);
        let talk = Talk {
            builder: builder.clone(),
            watcher: graceful.watcher(),
            router: router.clone(),
            peer,
            pace: limits.pace,
            first_request: limits.header_timeout,
            ending: ending.clone(),
            _place: place,
        };
        let stalled = limits.stalled;
        match tls.clone() {
            None => drop(tokio::spawn(talk.over(Stalling::new(stream, stalled)))),
            Some(tls) => {
                let mut stop = stop.clone();
                tokio::spawn(async move {
                    let accepted = tokio::select! {
                        accepted = tls.accept(stream) => accepted,
                        _ = stop.wait_for(|stop| *stop) => return,
                    };
                    match accepted {
                        Ok(stream) => talk.over(Stalling::new(stream, stalled)).await,
                        Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
                    }
                });
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}

/// Waits until then; for ever without a time.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// What a connection needs besides its stream.
struct Talk {
    builder: Builder<TokioExecutor>,
    watcher: Watcher,
    router: Router,
    peer: SocketAddr,
    pace: Pace,
    first_request: Duration,
    ending: Ending,
    _place: Place,
}

impl Talk {
    async fn over<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S) {
        let Self { builder, watcher, router, peer, pace, first_request, ending, _place } = self;
        let asked = Asked::default();
        let noted = asked.clone();
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let (version, ending) = (request.version(), ending.clone());
            let open = noted.note(version);
            let answer = answer(router.clone(), peer, pace, request);
            answer.map_ok(move |mut answer| {
                ending.mark(version, &mut answer);
                open.until_sent(answer)
            })
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        tokio::select! {
            ended = watcher.watch(connection.into_owned()) => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
            }
            () = asked.nothing(first_request) => {
                tracing::debug!("a connection was closed: nothing was asked for on it");
            }
        }
    }
}

fn connection_builder(header_timeout: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_headers(bounds::HEADERS)
        .max_buf_size(HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEADER_BYTES as u32)
        .max_concurrent_streams(100)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    pace: Pace,
    request: Request<Incoming>,
) -> Result<axum::response::Response, Infallible> {
    let mut request = request.map(|body| Body::new(Paced::new(body, pace)));
    request.extensions_mut().insert(ConnectInfo(peer));
    // HTTP/2 says it in the address; who compares it with an origin looks at the header.
    if !request.headers().contains_key(header::HOST)
        && let Some(host) = request.uri().authority()
        && let Ok(host) = HeaderValue::from_str(host.as_str())
    {
        request.headers_mut().insert(header::HOST, host);
    }
    router.oneshot(request).await
}
