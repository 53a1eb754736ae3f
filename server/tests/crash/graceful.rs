//! SIGTERM: not ready first, then closed; and nobody who is there loses anything.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde_json::Value;
use siskin_server::http::serve::DRAIN;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::load::{client, sign_up};
use crate::place::{Place, get, ready, tweet};
use crate::server::Server;
use crate::wait::eventually;

/// How long it serves on after it was told to end: what is done meanwhile takes a fraction of a second,
/// and a slow machine has time for it.
const LEAVES_IN: Duration = Duration::from_secs(10);

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(&server.url["http://".len()..]).await.unwrap()
}

/// Reads an answer to its last byte.
async fn rest(connection: &mut TcpStream) -> String {
    let mut text = Vec::new();
    connection.read_to_end(&mut text).await.unwrap();
    String::from_utf8(text).unwrap().to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_leaves_is_not_ready_and_serves_on() {
    let place = Place::new();
    let seconds = LEAVES_IN.as_secs().to_string();
    let server = place.start_with(&[("SISKIN_DRAIN_SECONDS", &seconds)]);
    let (_, token) = sign_up(&server.url, "ana").await;
    let first = tweet(&server, &token, "before").await;
    let opened = get(&server, "/api/v2/stream").await;
    let mut stream = opened.bytes_stream();
    let open = stream.next().await.unwrap().unwrap();
    assert!(open.starts_with(b": open\nid: "), "{open:?}");
    // An upload whose end is still to come, and a connection over HTTP/2.
    // Much of it is there, so that it may take longer than the server takes to leave.
    let body = format!("{}{{\"body\":\"in progress\"}}", " ".repeat(32 * 1024));
    let mut upload = connect(&server).await;
    let head = format!(
        "POST /api/v2/tweets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
        body.len(),
        &body[..body.len() - 5]
    );
    upload.write_all(head.as_bytes()).await.unwrap();
    // The latter has asked for something, `/livez`, and may be silent for a while.
    let mut http2 = connect(&server).await;
    http2.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    http2.write_all(b"\0\0\x0d\x01\x05\0\0\0\x01\x82\x86\x04\x06/livez\x41\x01x").await.unwrap();

    let told = Instant::now();
    server.tell_to_end();
    eventually("it is not ready", async || ready(&server).await.0 == 503).await;
    assert_eq!(ready(&server).await.1, "stopping\n");
    // All else goes on, over connections that end with their answer.
    let answer = get(&server, "/api/v2/tweets").await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["connection"]),
        (200, &"close".parse().unwrap())
    );
    let second = tweet(&server, &token, "while it leaves").await;
    assert!(second > first);
    assert!(told.elapsed() < LEAVES_IN, "this machine is too slow for this test");

    // The stream tells of it, and then where it was and when to come back.
    let mut text = String::new();
    while let Some(more) = stream.next().await {
        text.push_str(std::str::from_utf8(&more.unwrap()).unwrap());
    }
    assert!(told.elapsed() >= LEAVES_IN, "streams go on until it closes");
    let (tweets, goodbye) = text.split_once("\nretry: ").unwrap_or_else(|| panic!("{text}"));
    assert!(tweets.contains("while it leaves") && tweets.contains("\n\nid: "), "{text}");
    assert!(goodbye.trim_end().parse::<u64>().unwrap() >= 200, "{text}");

    // What is in progress ends well.
    let addr = &server.url["http://".len()..];
    eventually("it is closed", async || TcpStream::connect(addr).await.is_err()).await;
    upload.write_all(&body.as_bytes()[body.len() - 5..]).await.unwrap();
    let answer = rest(&mut upload).await;
    assert!(answer.starts_with("http/1.1 201"), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    let mut frames = Vec::new();
    while !kinds(&frames).contains(&7) {
        assert_ne!(http2.read_buf(&mut frames).await.unwrap(), 0, "no GOAWAY: {frames:?}");
    }
    drop(http2);
    let took = told.elapsed();
    server.terminate();
    assert!(took < LEAVES_IN + DRAIN, "it ended with the last request, not by force: {took:?}");

    // And is there afterwards.
    let server = place.start();
    let shown: Value = get(&server, "/api/v2/tweets").await.json().await.unwrap();
    let bodies: Vec<&str> = shown["tweets_list"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|t| t["body"].as_str())
        .collect();
    assert_eq!(bodies, ["in progress", "while it leaves", "before"]);
    server.terminate();
}

/// The kinds of HTTP/2 frames.
fn kinds(mut frames: &[u8]) -> Vec<u8> {
    let mut kinds = Vec::new();
    while let [a, b, c, kind, ..] = frames {
        kinds.push(*kind);
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        frames = frames.get(9 + length..).unwrap_or_default();
    }
    kinds
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_at_a_terminal_does_not_wait() {
    let place = Place::new();
    let server = place.start_with(&[("SISKIN_DRAIN_SECONDS", "300")]);
    // A second order is meant.
    server.tell_to_end();
    eventually("it leaves", async || ready(&server).await.1 == "stopping\n").await;
    let begun = Instant::now();
    server.terminate();
    assert!(begun.elapsed() < Duration::from_secs(60), "not the 300 s: {:?}", begun.elapsed());
    drop(client());
}
