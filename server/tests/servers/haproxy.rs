//! HAProxy before our servers, asking each for `/readyz`, as operators run it.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use crate::load::client;

/// A proxy that runs until it is dropped.
pub(crate) struct HaProxy {
    child: Child,
    /// Where clients go.
    pub(crate) url: String,
    stats: String,
    _folder: tempfile::TempDir,
}

/// Addresses that nobody listens on.
pub(crate) fn free<const N: usize>() -> [SocketAddr; N] {
    // All at once, so that none is given twice.
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap())
}

impl HaProxy {
    /// Before these servers. It tries nothing twice, so that what a server does wrong is seen.
    pub(crate) fn before(servers: &[SocketAddr]) -> Self {
        let [front, stats] = free();
        let mut config = format!(
            "global\n    maxconn 1000\n\
             defaults\n    mode http\n    timeout connect 20s\n    timeout client 60s\n    \
             timeout server 60s\n    timeout check 20s\n    retries 0\n\
             frontend stats\n    bind {stats}\n    stats enable\n    stats uri /\n\
             frontend people\n    bind {front}\n    default_backend siskin\n\
             backend siskin\n    balance roundrobin\n    option httpchk GET /readyz\n    \
             default-server check inter 200ms fastinter 100ms fall 2 rise 1\n"
        );
        for (n, server) in servers.iter().enumerate() {
            config.push_str(&format!("    server s{n} {server}\n"));
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("haproxy.cfg");
        std::fs::write(&file, config).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let child = Command::new("haproxy")
            .env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin"))
            .args(["-db", "-f"])
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("HAProxy is missing: tools/setup.sh proxy installs it");
        let (url, stats) = (format!("http://{front}"), format!("http://{stats}/;csv"));
        Self { child, url, stats, _folder: folder }
    }

    /// How many servers it sends requests to.
    pub(crate) async fn up(&self) -> usize {
        let Ok(answer) = client().get(&self.stats).send().await else { return 0 };
        let table = answer.text().await.unwrap();
        table.lines().filter(|line| line.starts_with("siskin,s") && line.contains(",UP,")).count()
    }
}

impl Drop for HaProxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
