//! A mail server for tests: PyPI's aiosmtpd, run by `tools/smtpd.py` on a free port. It keeps what
//! it gets and ends with us.
//!
//! Without it tests fail; they never pass silently.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde::Deserialize;

use crate::wait::eventually;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tools/smtpd.py");

/// A mail server that ends when this is dropped, or when the process does.
pub(crate) struct Mailbox {
    child: Child,
    /// Where it listens.
    pub(crate) port: u16,
    folder: tempfile::TempDir,
}

/// A mail as it arrived.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Mail {
    pub(crate) sender: String,
    pub(crate) recipients: Vec<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) tls: bool,
    pub(crate) authenticated: Option<bool>,
}

impl Mail {
    /// The link in it.
    pub(crate) fn link(&self) -> &str {
        self.text.lines().find(|line| line.starts_with("http")).expect("a link")
    }
}

impl Mailbox {
    /// One that takes everybody's mail in the clear.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// One with options of `tools/smtpd.py`.
    pub(crate) fn start_with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(python())
            .arg(SCRIPT)
            .arg(folder.path())
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        let port = said.trim().parse().expect("it says its port");
        Self { child, port, folder }
    }

    /// Answers the next mails with these lines instead of taking them.
    pub(crate) fn answer(&self, lines: &[&str]) {
        std::fs::write(self.folder.path().join("answers"), lines.join("\n")).unwrap();
    }

    /// Are all those lines said?
    pub(crate) fn has_answered(&self) -> bool {
        std::fs::read_to_string(self.folder.path().join("answers")).unwrap().is_empty()
    }

    /// What has arrived, oldest first.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap().map(|e| e.unwrap().path());
        let mut paths: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
        paths.sort();
        paths
            .iter()
            .map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
            .collect()
    }

    /// Waits until so many have arrived; the last of them.
    pub(crate) async fn wait_for(&self, count: usize) -> Mail {
        eventually("mail arrives", async || self.mails().len() >= count).await;
        self.mails().swap_remove(count - 1)
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python that has aiosmtpd.
fn python() -> PathBuf {
    let cache = std::env::var("SISKIN_TOOLS").map(PathBuf::from).unwrap_or_else(|_| {
        let home = PathBuf::from(std::env::var("HOME").unwrap_or_default());
        std::env::var("XDG_CACHE_HOME")
            .map_or_else(|_| home.join(".cache"), PathBuf::from)
            .join("siskin/tools")
    });
    newest(&cache, "aiosmtpd-").unwrap_or_else(|| {
        panic!(
            "there is no mail server to test with: run `tools/setup.sh mail` (it needs Python 3)"
        )
    })
}

fn newest(cache: &Path, begins: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(cache).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(begins));
    named.map(|entry| entry.path().join("bin/python")).filter(|path| path.is_file()).max()
}
