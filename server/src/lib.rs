//! The Siskin server: commands to events, events to projections, projections to answers.
//!
//! * [`storage`]: the storage contract and the stores.
//! * [`application`]: what can be done: accounts, tweets, queries.
//! * [`archive`]: moving a whole store to another.
//! * [`backup`]: copies of a store in use, and stores made of them.
//! * [`http`]: the REST API and the pages.
//! * [`integrity`]: what a log should be, and whether it is.
//! * [`oidc`]: signing in with an account somewhere else.
//! * [`relay`]: committed events for Kafka.
//! * [`config`], [`telemetry`], [`version`]: what operators set and see.

pub mod application;
pub mod archive;
pub mod backup;
pub mod config;
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
pub mod integrity;
pub mod mail;
pub mod oidc;
pub mod relay;
pub mod storage;
pub mod telemetry;
pub mod version;
