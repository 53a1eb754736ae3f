//! `deploy/monitoring/` and `deploy/logs/` against real servers: the rules, the dashboard, the
//! runbook, and what logs are made into. Needs Debian's Prometheus: `tools/setup.sh monitoring`.

// A disk that fails is a library for Linux's loader, and places are counted by core.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

#[path = "../kafka/broker.rs"]
#[expect(dead_code, reason = "the tests of the relay use the rest")]
mod broker;
#[path = "../support/disk.rs"]
#[expect(dead_code, reason = "the tests of faults use the rest")]
mod disk;
#[path = "../support/mailbox.rs"]
#[expect(dead_code, reason = "the tests of mail use the rest")]
mod mailbox;
#[path = "../support/mongodb.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod mongodb;
#[path = "../support/proxy.rs"]
#[expect(dead_code, reason = "the tests of faults use the rest")]
mod proxy;
#[path = "../support/wait.rs"]
mod wait;

mod alertmanager;
mod crowd;
mod dashboard;
mod files;
mod lines;
mod live;
mod prometheus;
mod rules;
mod scene;
mod server;
mod visitor;
