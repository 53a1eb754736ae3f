//! The browser's way to the server: the REST API, the page's forms, and the live events.

mod backend;
mod fetch;
mod stream;
mod world;

pub(crate) use world::{provide, provide_forms};
