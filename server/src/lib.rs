//! The Siskin server: commands to events, events to projections, projections to answers.

pub mod application;
pub mod http;
pub mod storage;
