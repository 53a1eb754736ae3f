//! The real executable as a child process, with all that it says.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

const READY: &str = "Siskin is ready at ";
const READY_WITHIN: Duration = Duration::from_secs(30);

/// What is in its environment besides the defaults of [`siskin`].
pub(crate) type Environment<'a> = &'a [(&'a str, &'a str)];

/// A running `siskin serve`; killed if it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Scheme, address and port.
    pub(crate) url: String,
    said: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

fn siskin(folder: &Path, arguments: &[&str], environment: Environment<'_>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siskin"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("SISKIN_ADDR", "127.0.0.1:0")
        .env("SISKIN_LOG", "trace")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command to its end: whether it succeeded, and all that it said.
pub(crate) fn run(
    folder: &Path,
    arguments: &[&str],
    environment: Environment<'_>,
) -> (bool, String) {
    let output = siskin(folder, arguments, environment).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

impl Server {
    /// Starts it and waits until it says that it is ready.
    pub(crate) fn start(folder: &Path, environment: Environment<'_>) -> Self {
        let mut child = siskin(folder, &["serve"], environment).spawn().unwrap();
        let (send, receive) = mpsc::channel();
        let ready = move |line: &str| {
            if let Some((_, url)) = line.split_once(READY) {
                // Where it really listens is said last, if people type another address.
                let url = url.rsplit("listening at ").next().unwrap_or(url);
                let _ = send.send(url.trim().trim_end_matches(')').to_owned());
            }
        };
        let said = Arc::default();
        let readers = vec![
            collect(child.stdout.take().unwrap(), Arc::clone(&said), ready),
            collect(child.stderr.take().unwrap(), Arc::clone(&said), |_| {}),
        ];
        let mut server = Self { child, url: String::new(), said, readers };
        server.url = receive.recv_timeout(READY_WITHIN).expect("it becomes ready in time");
        server
    }

    /// The port it listens at.
    pub(crate) fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// SIGTERM; all that it has said.
    pub(crate) fn finish(mut self) -> String {
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(told.unwrap().success());
        assert!(self.child.wait().unwrap().success(), "SIGTERM ends with success");
        self.readers.drain(..).for_each(|reader| reader.join().unwrap());
        self.said()
    }

    /// All that it has said until now.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads to the end, so that the server never waits for a reader.
fn collect(
    from: impl Read + Send + 'static,
    all: Arc<Mutex<String>>,
    each: impl Fn(&str) + Send + 'static,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            each(&line);
            all.lock().unwrap().extend([line.as_str(), "\n"]);
        }
    })
}
