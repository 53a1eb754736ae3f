//! What slow clients get, over a real socket and with short limits.

use std::time::Duration;

use siskin_server::http::pace::Pace;
use siskin_server::http::serve::{self, Limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::app::App;

const SHORT: Duration = Duration::from_millis(200);
/// Nothing here takes this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// Serves within the limits until the sender is dropped.
pub(crate) async fn server(limits: Limits) -> (App, std::net::SocketAddr, watch::Sender<bool>) {
    let app = App::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopping) = watch::channel(false);
    let router = siskin_server::http::router(app.services.clone(), stopping.clone());
    tokio::spawn(serve::serve(listener, None, router, stopping, limits));
    (app, address, stop)
}

/// Sends this and no more, and reads until the server closes.
pub(crate) async fn say(address: std::net::SocketAddr, text: &str) -> String {
    String::from_utf8(heard(address, text).await).unwrap()
}

/// The same, as bytes: HTTP/2 is no text.
async fn heard(address: std::net::SocketAddr, text: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    assert_eq!(Limits::default().header_timeout, Duration::from_secs(10));
    let limits = Limits { header_timeout: SHORT, ..Limits::default() };
    let (_app, address, _stop) = server(limits).await;
    // Nothing at all, the beginning of what may become HTTP/2, and all of that and no request.
    let http2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0";
    for begun in ["GET /livez HTTP/1.1\r\nhost: x\r\nx-slow: ", "", "PRI", http2] {
        let ended = tokio::time::timeout(PATIENCE, heard(address, begun)).await;
        let answer = ended.unwrap_or_else(|_| panic!("open still after {begun:?}"));
        assert!(!String::from_utf8_lossy(&answer).contains("200 OK"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_408() {
    let pace = Pace { grace: SHORT, bytes_per_second: 1024 };
    let (_app, address, _stop) = server(Limits { pace, ..Limits::default() }).await;
    let kinds = [
        ("/api/v1/tokens", "application/json", "{"),
        ("/login", "application/x-www-form-urlencoded", "u"),
    ];
    for (path, kind, begun) in kinds {
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\n");
        let answer = say(address, &format!("{head}content-length: 99\r\n\r\n{begun}")).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{path}: {answer}");
        assert!(answer.contains("request_timeout"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_connection_too_many_is_503_and_the_others_go_on() {
    let (_app, address, _stop) = server(Limits { connections: 1, ..Limits::default() }).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    let ask = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut answer = [0; 15];
    first.write_all(ask).await.unwrap();
    first.read_exact(&mut answer).await.unwrap();
    let refused = say(address, "").await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("retry-after: 5"), "{refused}");
    first.write_all(ask).await.unwrap();
    first.read_exact(&mut answer).await.unwrap();
}
