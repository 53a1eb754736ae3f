//! Waiting for what another process or a broken connection makes true in its own time.

use std::time::{Duration, Instant};

/// Waits for a condition; fails if it does not come true within a minute, which no slow machine needs:
/// only what never comes true takes so long.
pub(crate) async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition().await {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
