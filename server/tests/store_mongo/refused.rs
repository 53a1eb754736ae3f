//! Servers and addresses that a store refuses to be opened on.

use std::time::{Duration, Instant};

use siskin_server::storage::MongoStore;

use crate::mongodb::Server;

/// Before the driver itself would give up, which is after 30 s. We ask it to after 2.5, but a host's name
/// may be looked up for longer, and machines are slow.
const SOON: Duration = Duration::from_secs(25);

async fn refusal(url: &str) -> String {
    let begun = Instant::now();
    let error = MongoStore::open(url).await.unwrap_err().to_string();
    assert!(begun.elapsed() < SOON, "refused after {:?}", begun.elapsed());
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standalone_server_is_refused_with_what_to_do() {
    let server = Server::standalone();
    let error = refusal(&server.database()).await;
    assert!(error.contains("`mongod --replSet siskin`"), "{error}");
    assert!(error.contains("`mongosh --eval 'rs.initiate()'`"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_where_nobody_listens_is_refused() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for url in [
        format!("mongodb://ana:s3cret@127.0.0.1:{port}/siskin"),
        "mongodb://ana:s3cret@no-such-host.invalid/siskin".to_owned(),
    ] {
        let error = refusal(&url).await;
        assert!(!error.contains("s3cret") && !error.contains("ana:"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_cannot_be_read_is_not_quoted() {
    for url in [
        "mongodb://ana:s3cret@/siskin",
        "mongodb://ana:s3cret@127.0.0.1:port/siskin",
        "mongodb://ana:s3:cret@127.0.0.1/siskin",
        "mongodb://ana:s3cret@127.0.0.1",
        "mongodb://ana:s3cret@127.0.0.1/siskin?authMechanism=none",
        "mongodb://ana:s3cret@127.0.0.1/siskin?w=s3cret&tls=s3cret",
    ] {
        let error = refusal(url).await;
        assert!(!error.contains("s3") && !error.contains("ana"), "{error}");
    }
}
