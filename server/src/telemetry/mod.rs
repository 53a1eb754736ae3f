//! What operators see: logs on standard output, Prometheus metrics on a listener of their own, and
//! traces.
//!
//! * [`names`]: every metric and what it means; recorded where the facts are.
//! * [`metrics`]: collecting and serving them; [`runtime`] and [`process`] are looked up when
//!   somebody scrapes.
//! * [`probe`]: looks at what can only be asked.
//! * [`logs`]: a JSON object or a line of text for each event and request ([`line`], [`stamp`]),
//!   written by a thread of its own ([`sink`]).
//! * [`traces`]: spans for an OpenTelemetry collector.
//! * [`request`], [`trace_context`]: which request and which trace something belongs to.

pub mod logs;
pub mod metrics;
pub mod names;
pub mod probe;

mod line;
mod process;
pub(crate) mod request;
mod runtime;
mod sink;
mod stamp;
mod trace_context;
pub(crate) mod traces;

pub use logs::Logs;
pub use metrics::Metrics;
pub use traces::Traces;
