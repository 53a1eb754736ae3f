//! Traces for an OpenTelemetry collector: a span for each request, and one for each operation of
//! the store within it. They have the ids that log lines have. With the cargo feature `otlp` only.

#[cfg(feature = "otlp")]
mod otlp;

use std::time::Instant;

use super::request::{Ids, Seen};
use crate::config::PublicUrl;

/// Whoever keeps this has traces. Say [`Traces::finish`] at the end.
pub struct Traces {
    #[cfg(feature = "otlp")]
    kept: (),
    #[cfg(not(feature = "otlp"))]
    never: std::convert::Infallible,
}

impl Traces {
    /// Sends traces to a collector from now on.
    ///
    /// # Errors
    /// As a sentence that names the variable.
    #[cfg(feature = "otlp")]
    pub fn init(collector: &PublicUrl) -> Result<Self, String> {
        otlp::init(collector.as_str()).map_err(|why| format!("SISKIN_OTLP_ENDPOINT: {why}"))?;
        Ok(Self { kept: () })
    }

    /// Without the feature there are none, and nobody is left to wonder where they are.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(feature = "otlp"))]
    pub fn init(_: &PublicUrl) -> Result<Self, String> {
        let why = "this executable was built without the cargo feature \"otlp\"";
        Err(format!("SISKIN_OTLP_ENDPOINT can't be used: {why}"))
    }

    /// Sends what waits, for a short while.
    pub async fn finish(self) {
        #[cfg(feature = "otlp")]
        {
            let () = self.kept;
            let _ = tokio::task::spawn_blocking(otlp::finish).await;
        }
        #[cfg(not(feature = "otlp"))]
        match self.never {}
    }
}

/// A request was answered.
pub(crate) fn answered(ids: &Ids, method: &'static str, route: &str, seen: &Seen) {
    #[cfg(feature = "otlp")]
    otlp::answered(ids, method, route, seen);
    #[cfg(not(feature = "otlp"))]
    let _ = (ids, method, route, seen);
}

/// An operation of the store has ended, in the request that is being answered here.
pub(crate) fn store(operation: &'static str, outcome: &'static str, begun: Instant) {
    #[cfg(feature = "otlp")]
    otlp::store(operation, outcome, begun);
    #[cfg(not(feature = "otlp"))]
    let _ = (operation, outcome, begun);
}
