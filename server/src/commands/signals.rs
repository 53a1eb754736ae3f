//! The orders to stop.

use std::time::Duration;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM, from whoever runs the server; SIGINT, from somebody at a terminal.
pub(super) struct Signals {
    #[cfg(unix)]
    term: Signal,
    #[cfg(unix)]
    int: Signal,
    /// Somebody waits for the end.
    at_once: bool,
}

impl Signals {
    /// Listens from now on.
    #[cfg(unix)]
    pub(super) fn listen() -> Result<Self, String> {
        let listen =
            |kind| signal(kind).map_err(|error| format!("can't listen for signals: {error}"));
        let (term, int) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
        Ok(Self { term, int, at_once: false })
    }

    /// Waits for one.
    #[cfg(unix)]
    pub(super) async fn wait(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => self.at_once = true,
        }
    }

    #[cfg(not(unix))]
    pub(super) fn listen() -> Result<Self, String> {
        Ok(Self { at_once: true })
    }

    #[cfg(not(unix))]
    pub(super) async fn wait(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }

    /// Goes on for a while, unless somebody waits for the end or gives the order once more.
    pub(super) async fn linger(&mut self, time: Duration) {
        if self.at_once || time.is_zero() {
            return;
        }
        tracing::info!(seconds = time.as_secs(), "leaving: not ready any more, and still serving");
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.wait() => {}
        }
    }
}
