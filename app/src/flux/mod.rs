//! The Flux loop of the browser: a view dispatches an [`Action`](feed::Action), `reduce` turns it
//! into a new state and into [`Effect`](feed::Effect)s, the world runs those and feeds their
//! outcomes back as actions.
//!
//! Each slice is a folder: `action` (what happened or was asked), `state`, `reduce` (pure: ids
//! and times ride in the action) and `effect` (what the world should do, as data). These files
//! know the domain only, so they are tested natively. [`store`] joins them to Leptos.

pub mod composer;
pub mod feed;
pub mod forms;
pub mod session;
pub mod store;
pub mod timeline;

#[cfg(test)]
mod replay;
