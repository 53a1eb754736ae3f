//! The real executable as a child process, on data that outlive it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use parking_lot::Mutex;

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_siskin");
const READY: &str = "Siskin is ready at ";
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A running `siskin serve`; killed if it is dropped.
pub(crate) struct Server {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
}

pub(crate) fn siskin(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(EXECUTABLE);
    command
        .args(arguments)
        .current_dir(folder)
        .env("SISKIN_ADDR", "127.0.0.1:0")
        .env("SISKIN_DATABASE_URL", database_url(folder))
        .env("SISKIN_THROTTLE", "off")
        .env("SISKIN_LOG", "warn")
        .env_remove("SISKIN_METRICS_ADDR")
        .env_remove("SISKIN_PUBLIC_URL")
        .stdin(Stdio::null());
    command
}

fn database_url(folder: &Path) -> String {
    let path: PathBuf = folder.join("siskin.db");
    format!("sqlite://{}", path.display())
}

/// Runs a command of the executable on the folder's data, to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    siskin(folder, arguments).output().expect("the executable starts")
}

impl Server {
    /// Starts it and waits until it says that it is ready.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// The same, with more in its environment.
    pub(crate) fn start_with(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let mut child = siskin(folder, &["serve"])
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the executable starts");
        let output = child.stdout.take().expect("its output is piped");
        let (send, receive) = mpsc::channel();
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&lines);
        // Reads to the end, so that the server never waits for a reader.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some((_, url)) = line.split_once(READY) {
                    let url = url.split_whitespace().next().unwrap_or_default();
                    let _ = send.send(url.to_owned());
                }
                kept.lock().push(line);
            }
        });
        let mut server = Self { child, lines, url: String::new() };
        server.url = receive.recv_timeout(READY_WITHIN).expect("it becomes ready in time");
        server
    }

    /// Did it log something with these words so far?
    pub(crate) fn has_said(&self, words: &str) -> bool {
        self.lines.lock().iter().any(|line| line.contains(words))
    }

    /// SIGTERM, without waiting for the end.
    pub(crate) fn tell_to_end(&self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(told.expect("kill is there").success(), "the server is still there");
    }

    /// SIGKILL: no goodbye, no flush.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        let status = self.child.wait().expect("it ends");
        assert!(!status.success(), "killed, and not ended by itself: {status}");
    }

    /// SIGTERM: it must end by itself, with success.
    pub(crate) fn terminate(mut self) {
        self.tell_to_end();
        assert!(self.child.wait().expect("it ends").success(), "SIGTERM ends with success");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
