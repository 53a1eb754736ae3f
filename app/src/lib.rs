//! The user interface: pages, components and the Flux loop, for server and browser alike.

pub mod backend;
pub mod context;

#[cfg(feature = "ssr")]
pub mod shell;

use leptos::prelude::*;

/// The whole page below `<body>`.
#[component]
pub fn App() -> impl IntoView {
    view! { <main>"Siskin"</main> }
}
