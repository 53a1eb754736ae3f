//! The real executable as a child process, with metrics.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

const READY: &str = "Siskin is ready at ";
const METRICS: &str = "metrics at http://";
const READY_WITHIN: Duration = Duration::from_secs(60);

/// What is in its environment besides the defaults of [`Server::start`].
pub(crate) type Environment = Vec<(String, String)>;

/// A running `siskin serve`; killed if it is dropped.
pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
    environment: Environment,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    /// `127.0.0.1:PORT` of its metrics.
    pub(crate) metrics: String,
    said: Arc<Mutex<Vec<String>>>,
}

/// The one that cargo has built, unless `SISKIN_TEST_EXECUTABLE` names another.
fn executable() -> String {
    let built = env!("CARGO_BIN_EXE_siskin").to_owned();
    std::env::var("SISKIN_TEST_EXECUTABLE").unwrap_or(built)
}

impl Server {
    /// Starts it on a folder and waits until it says that it is ready.
    pub(crate) fn start(folder: &Path, environment: Environment) -> Self {
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let (child, url, metrics) = spawn(folder, &environment, &said);
        Self { child, folder: folder.to_owned(), environment, url, metrics, said }
    }

    /// SIGKILL: no goodbye, no flush.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        assert!(!self.child.wait().unwrap().success(), "killed, and not ended by itself");
    }

    /// Starts it again, on the same ports and data.
    pub(crate) fn restart(&mut self) {
        let mut environment = self.environment.clone();
        for (name, value) in
            [("SISKIN_ADDR", &self.url[7..]), ("SISKIN_METRICS_ADDR", &self.metrics)]
        {
            environment.push((name.to_owned(), value.to_owned()));
        }
        (self.child, self.url, self.metrics) = spawn(&self.folder, &environment, &self.said);
    }

    /// All lines of its standard output until now.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(
    folder: &Path,
    environment: &Environment,
    said: &Arc<Mutex<Vec<String>>>,
) -> (Child, String, String) {
    // More connections than the usual limit of open files allows.
    let mut child = Command::new("sh")
        .args(["-c", r#"ulimit -n 8192 2>/dev/null; exec $SISKIN_TEST_WRAPPER "$1" serve"#, "sh"])
        .arg(executable())
        .current_dir(folder)
        .env_remove("SISKIN_PUBLIC_URL")
        .env("SISKIN_ADDR", "127.0.0.1:0")
        .env("SISKIN_METRICS_ADDR", "127.0.0.1:0")
        .env("SISKIN_DATABASE_URL", format!("sqlite://{}", folder.join("siskin.db").display()))
        .env("SISKIN_THROTTLE", "off")
        .env("SISKIN_LOG", "info")
        .env("SISKIN_LOG_FORMAT", "json")
        .envs(environment.iter().cloned())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the executable starts");
    let output = child.stdout.take().unwrap();
    let (send, receive) = mpsc::channel();
    let said = Arc::clone(said);
    // Reads to the end, so that the server never waits for a reader.
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            for mark in [METRICS, READY] {
                if let Some((_, rest)) = line.split_once(mark) {
                    let word = rest.split([' ', '/', '"']).next().unwrap_or_default();
                    let url = rest.split([' ', '"']).next().unwrap_or_default();
                    let _ = send.send(if mark == READY { url } else { word }.to_owned());
                }
            }
            said.lock().unwrap().push(line);
        }
    });
    let metrics = receive.recv_timeout(READY_WITHIN).expect("it says where metrics are");
    let url = receive.recv_timeout(READY_WITHIN).expect("it becomes ready in time");
    (child, url, metrics)
}
