//! The user interface: pages, components and the Flux loop, for server and browser alike.
//!
//! * [`pages`]: one file per page, each loaded when it is first wanted.
//! * `written`: pages that the server alone writes, and that cost the browser nothing.
//! * [`components`]: what pages are made of. They read selectors and dispatch actions; how the
//!   server is reached is none of their business.
//! * [`flux`]: actions, reducers, effects, stores.
//! * `api`: runs the effects in the browser, over the REST API.
//! * [`backend`], [`context`]: what the server provides.

pub mod app;
pub mod backend;
pub mod browser;
pub mod components;
pub mod context;
pub mod flux;
pub mod head;
pub mod json;
pub mod pages;
pub mod plain;
pub mod relative_time;

#[cfg(feature = "hydrate")]
mod api;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod written;

pub use app::App;
