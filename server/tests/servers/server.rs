//! The real executable as a child process, on a MongoDB database that others use, too.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_siskin");
const READY: &str = "Siskin is ready at ";
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A running `siskin serve`; killed if it is dropped.
pub(crate) struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
}

impl Server {
    /// Starts it; [`Server::ready`] waits for it.
    fn spawn(addr: &str, database: &str, drain: &str) -> (Child, mpsc::Receiver<String>) {
        let mut child = Command::new(EXECUTABLE)
            .arg("serve")
            .env("SISKIN_ADDR", addr)
            .env("SISKIN_DATABASE_URL", database)
            .env("SISKIN_DRAIN_SECONDS", drain)
            .env("SISKIN_THROTTLE", "off")
            .env("SISKIN_LOG", "warn")
            .env_remove("SISKIN_METRICS_ADDR")
            .env_remove("SISKIN_PUBLIC_URL")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.stdout.take().unwrap();
        let (send, receive) = mpsc::channel();
        // Reads to the end, so that the server never waits for a reader.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some((_, url)) = line.split_once(READY) {
                    let url = url.split_whitespace().next().unwrap_or_default();
                    let _ = send.send(url.to_owned());
                }
            }
        });
        (child, receive)
    }

    /// Starts three at the same moment.
    pub(crate) fn three(database: &str) -> [Self; 3] {
        let spawn = |()| Self::spawn("127.0.0.1:0", database, "0");
        [(); 3].map(spawn).map(Self::ready)
    }

    /// Starts one at an address that leaves in so many seconds when it is told to.
    pub(crate) fn at(addr: SocketAddr, database: &str, drain: &str) -> Self {
        Self::ready(Self::spawn(&addr.to_string(), database, drain))
    }

    fn ready((child, ready): (Child, mpsc::Receiver<String>)) -> Self {
        let url = ready.recv_timeout(READY_WITHIN);
        let mut server = Self { child, url: String::new() };
        server.url = url.expect("it becomes ready in time");
        server
    }

    /// SIGTERM, and waits for the end, which must be a good one.
    pub(crate) fn terminate(&mut self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(told.unwrap().success(), "the server is still there");
        assert!(self.child.wait().unwrap().success(), "SIGTERM ends with success");
    }

    /// SIGKILL: no goodbye, no flush.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        assert!(!self.child.wait().unwrap().success(), "killed, and not ended by itself");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
