//! The real executable, with what it writes on standard output.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

const READY: &str = "Siskin is ready at ";
const METRICS: &str = "metrics at ";
const READY_WITHIN: Duration = Duration::from_secs(30);

/// A running `siskin serve` with JSON lines and metrics; killed if it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) metrics: String,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_siskin"))
            .arg("serve")
            .current_dir(folder)
            .env_clear()
            .env("SISKIN_ADDR", "127.0.0.1:0")
            .env("SISKIN_METRICS_ADDR", "127.0.0.1:0")
            .env("SISKIN_LOG_FORMAT", "json")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, receive) = mpsc::channel();
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let (out, kept) = (child.stdout.take().unwrap(), Arc::clone(&lines));
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(out).lines() {
                let line = line.unwrap();
                let _ = send.send(line.clone());
                kept.lock().unwrap().push(line);
            }
        });
        let (mut url, mut metrics) = (String::new(), String::new());
        while url.is_empty() {
            let line = receive.recv_timeout(READY_WITHIN).expect("it becomes ready in time");
            let found = |what: &str| Some(line.split_once(what)?.1.split('"').next()?.to_owned());
            metrics = found(METRICS).unwrap_or(metrics);
            url = found(READY).unwrap_or_default();
        }
        Self { child, url, metrics, lines, reader: Some(reader) }
    }

    /// What it has written until now.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// SIGTERM; all that it has written.
    pub(crate) fn finish(mut self) -> Vec<String> {
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(told.unwrap().success());
        assert!(self.child.wait().unwrap().success(), "SIGTERM ends with success");
        self.reader.take().unwrap().join().unwrap();
        self.lines()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
