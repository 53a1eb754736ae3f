//! A MongoDB-protocol server for tests: the one that `SISKIN_TEST_MONGODB_URL` names, or one that
//! is started here, on a free port, with its data in a temporary folder, and that ends with us.
//!
//! Without any, tests fail; they never pass silently.

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Every commit is on disk before it is answered.
const DURABLE: &str = "--sync-on-commit";
/// How long a server may take to listen.
const STARTING: Duration = Duration::from_secs(60);

/// Runs the server until our end of the pipe is closed, by whatever death, then tidies up. Asked to
/// end, it waits for its own threads, now and then for ever; nobody wants its data any more.
const UNTIL_WE_END: &str = r#"
"$1" --port "$2" --storage-path "$3" --log-level WARNING $4 </dev/null >>"$3.log" 2>&1 &
echo "$!" >"$3.pid"
trap '' INT TERM
cat >/dev/null
kill -9 "$!" 2>/dev/null
wait "$!" 2>/dev/null
rm -rf "$3" "$3.log" "$3.pid"
"#;

/// A server that ends when this is dropped, or when the process does.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) addr: SocketAddr,
    folder: PathBuf,
    /// The shells that minded it before it was killed: each would tidy up the folder.
    before: Vec<Child>,
}

impl Server {
    /// Starts one on a free port.
    pub(crate) fn start() -> Self {
        Self::start_with("", None, None)
    }

    /// Starts one that is no replica set.
    pub(crate) fn standalone() -> Self {
        Self::start_with("--standalone", None, None)
    }

    /// Starts one whose commits survive its own death.
    pub(crate) fn durable() -> Self {
        Self::start_with(DURABLE, None, None)
    }

    /// SIGKILL: no goodbye, no flush.
    pub(crate) fn kill(&self) {
        let pid = std::fs::read_to_string(format!("{}.pid", self.folder.display())).unwrap();
        let killed = Command::new("kill").args(["-9", pid.trim()]).status().unwrap();
        assert!(killed.success(), "the server is there");
    }

    /// Starts it again where it was, with the data that it had.
    pub(crate) fn restart(&mut self) {
        let Self { addr, folder, .. } = self;
        let mut next = Self::start_with(DURABLE, Some(addr.port()), Some(folder.clone()));
        std::mem::swap(&mut self.child, &mut next.child);
        self.before.push(next.into_minder());
    }

    /// The shell alone, without the end that dropping would bring.
    fn into_minder(mut self) -> Child {
        let dummy = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
        std::mem::replace(&mut self.child, dummy)
    }

    fn start_with(flag: &str, port: Option<u16>, folder: Option<PathBuf>) -> Self {
        let port = port.unwrap_or_else(free_port);
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        let folder = folder.unwrap_or_else(|| {
            tempfile::Builder::new().prefix("siskin-mongodb-").tempdir().unwrap().keep()
        });
        let mut child = Command::new("sh")
            .args(["-c", UNTIL_WE_END, "sh"])
            .arg(executable())
            .arg(port.to_string())
            .arg(&folder)
            .arg(flag)
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        let deadline = Instant::now() + STARTING;
        while TcpStream::connect_timeout(&addr, Duration::from_millis(200)).is_err() {
            assert!(
                Instant::now() < deadline,
                "the MongoDB server did not start: {}",
                log(&folder)
            );
            assert!(child.try_wait().unwrap().is_none(), "it ended: {}", log(&folder));
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, addr, folder, before: Vec::new() }
    }

    /// The address of a new database on it.
    pub(crate) fn database(&self) -> String {
        format!("mongodb://{}/{}", self.addr, database_name())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for child in std::iter::once(&mut self.child).chain(&mut self.before) {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}

/// The address of a new, empty database on the server that all tests of this process share.
pub(crate) fn database() -> String {
    static SHARED: OnceLock<Server> = OnceLock::new();
    match std::env::var("SISKIN_TEST_MONGODB_URL") {
        Ok(url) => in_database(&url, &database_name()),
        Err(_) => SHARED.get_or_init(Server::start).database(),
    }
}

/// Where the server of an address listens.
pub(crate) fn host(url: &str) -> SocketAddr {
    url.split('/').nth(2).unwrap().parse().unwrap()
}

/// The address with another database.
pub(crate) fn in_database(url: &str, name: &str) -> String {
    let (base, options) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = base.split_once("://").expect("an address");
    let hosts = rest.split('/').next().unwrap_or(rest);
    let options = if options.is_empty() { String::new() } else { format!("?{options}") };
    format!("{scheme}://{hosts}/{name}{options}")
}

fn database_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let (process, n) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    format!("siskin_test_{now}_{process}_{n}")
}

fn executable() -> PathBuf {
    if let Ok(path) = std::env::var("SISKIN_TEST_MONGODB_SERVER") {
        return path.into();
    }
    let cache = std::env::var("SISKIN_TOOLS").map(PathBuf::from).unwrap_or_else(|_| {
        let home = PathBuf::from(std::env::var("HOME").unwrap_or_default());
        std::env::var("XDG_CACHE_HOME")
            .map_or_else(|_| home.join(".cache"), PathBuf::from)
            .join("siskin/tools")
    });
    let found = std::fs::read_dir(&cache).into_iter().flatten().flatten().map(|e| e.path());
    let mut found: Vec<PathBuf> = found
        .filter(|path| {
            path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("secantusdb-"))
        })
        .map(|path| path.join("bin/secantusd-py"))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| {
        panic!(
            "there is no MongoDB-protocol server to test with: run `tools/setup.sh mongodb` (it \
             needs Python 3), or name one in SISKIN_TEST_MONGODB_URL"
        )
    })
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn log(folder: &std::path::Path) -> String {
    let path = format!("{}.log", folder.display());
    let mut text = String::new();
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.take(10_000).read_to_string(&mut text);
    }
    text
}
