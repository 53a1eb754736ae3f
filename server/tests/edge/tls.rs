//! TLS in the server itself.

use std::path::Path;
use std::time::{Duration, Instant};

use http::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Certificate, connect, send};
use crate::executable::{Server, run};

const FILES: [(&str, &str); 2] = [("SISKIN_TLS_CERT", "tls.crt"), ("SISKIN_TLS_KEY", "tls.key")];
/// How long a new certificate may take to be shown.
const SHOWN_WITHIN: Duration = Duration::from_secs(30);

/// A server with a certificate in its folder.
fn serve(folder: &Path) -> (Server, Certificate) {
    let certificate = Certificate::new();
    certificate.write(folder);
    (Server::start(folder, &FILES), certificate)
}

async fn shows(port: u16, certificate: &Certificate) -> bool {
    connect(port, certificate, "h2", rustls::ALL_VERSIONS).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_agreed_on_and_https_is_what_pages_know() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificate) = serve(folder.path());
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    let port = server.port();
    let home = Request::get(format!("https://localhost:{port}/"));
    let (status, headers, _) = send(port, &certificate, home, String::new()).await;
    assert_eq!(status, 200);
    assert!(headers.contains_key("strict-transport-security"));
    // HTTP/1.1 for those who know nothing else, and TLS 1.2.
    let old = connect(port, &certificate, "http/1.1", &[&rustls::version::TLS12]).await.unwrap();
    assert_eq!(old.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_by_http_2_is_from_the_host_that_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificate) = serve(folder.path());
    let port = server.port();
    for (origin, status) in
        [(format!("https://localhost:{port}"), 401), ("https://evil.example".to_owned(), 403)]
    {
        let form = Request::post(format!("https://localhost:{port}/login"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", origin);
        let fields = "username=nobody&password=wrong-password".to_owned();
        assert_eq!(send(port, &certificate, form, fields).await.0, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_files_are_taken_and_broken_ones_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let (server, first) = serve(folder.path());
    let port = server.port();
    let second = Certificate::new();
    second.write(folder.path());
    until(async || shows(port, &second).await).await;
    assert!(!shows(port, &first).await);
    // What can't be used changes nothing; what comes after it is taken all the same.
    std::fs::write(folder.path().join("tls.key"), "no key").unwrap();
    let third = Certificate::new();
    until(async || server.said().contains("stays as it was: SISKIN_TLS_KEY: tls.key holds no"))
        .await;
    assert!(shows(port, &second).await);
    third.write(folder.path());
    until(async || shows(port, &third).await).await;
}

async fn until(come: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !come().await {
        assert!(begun.elapsed() < SHOWN_WITHIN, "it did not come");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificate) = serve(folder.path());
    let answer = reqwest::get(format!("http://127.0.0.1:{}/", server.port())).await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("HTTPS"));
    // Neither HTTP nor TLS: the connection ends, and others go on.
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    stream.write_all(&[0; 64]).await.unwrap();
    let _ = stream.read_to_end(&mut Vec::new()).await;
    assert!(shows(server.port(), &certificate).await);
}

#[test]
fn files_that_cannot_be_used_are_one_sentence_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    Certificate::new().write(folder.path());
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    Certificate::new().write(&other);
    for (cert, key, why) in [
        ("tls.crt", "nowhere", "SISKIN_TLS_KEY: can't read nowhere"),
        ("nowhere", "tls.key", "SISKIN_TLS_CERT: can't read nowhere"),
        ("tls.key", "tls.key", "SISKIN_TLS_CERT: tls.key holds no certificate"),
        ("tls.crt", "tls.crt", "SISKIN_TLS_KEY: tls.crt holds no unencrypted private key"),
        ("tls.crt", "other/tls.key", "SISKIN_TLS_KEY: the key does not belong"),
    ] {
        let files = [("SISKIN_TLS_CERT", cert), ("SISKIN_TLS_KEY", key)];
        let (done, said) = run(folder.path(), &["serve"], &files);
        assert!(!done && said.contains(why), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    }
    for file in FILES {
        let (done, said) = run(folder.path(), &["serve"], &[file]);
        assert!(!done && said.contains("set both or neither"), "{said}");
    }
}
