//! The relay of events against a Kafka broker over TCP: librdkafka's own, in this process.

#![expect(clippy::unwrap_used, reason = "tests")]

mod broker;
mod envelopes;
mod order;
mod outages;
mod relay;
mod restarts;
mod servers;
mod service;

#[path = "../crash/server.rs"]
#[expect(dead_code, reason = "the crash tests use the rest")]
mod server;
