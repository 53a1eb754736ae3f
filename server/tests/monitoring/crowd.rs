//! More clients than a server has places for: each announces a body and does not send it, which
//! takes a place until the server's patience ends, and no processor time at all.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const ASK: &[u8] = b"POST /api/v1/tokens HTTP/1.1\r\nhost: x\r\n\
                     content-type: application/json\r\ncontent-length: 99\r\n\r\n{";
/// Before somebody who was turned away comes again.
const PAUSE: Duration = Duration::from_secs(2);

/// So many clients; they go away when this is dropped.
pub(crate) struct Crowd {
    _clients: JoinSet<()>,
}

impl Crowd {
    /// Comes to `http://HOST:PORT`.
    pub(crate) fn of(count: usize, url: &str) -> Self {
        let mut clients = JoinSet::new();
        for _ in 0..count {
            clients.spawn(push(url.trim_start_matches("http://").to_owned()));
        }
        Self { _clients: clients }
    }
}

/// Takes a place for as long as it lasts, and comes again.
async fn push(address: String) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(&address).await
            && stream.write_all(ASK).await.is_ok()
        {
            let _ = stream.read(&mut [0; 512]).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
