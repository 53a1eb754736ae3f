//! Facts about what operators see: metrics, logs and traces.

#![expect(clippy::unwrap_used, reason = "tests")]

mod document;
mod executable;
mod lines;
mod series;
mod values;
