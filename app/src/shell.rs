//! The document around the app: rendered by the server only.

use leptos::prelude::*;

/// The hashed names of the front end's files, without a leading slash: `pkg/siskin.8f3a.js`.
/// The server provides it as a context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    /// The JavaScript that loads the WebAssembly; `None` if the front end was not built.
    pub js: Option<String>,
    /// The WebAssembly.
    pub wasm: Option<String>,
    /// The style sheet.
    pub css: Option<String>,
}

/// The whole document.
#[must_use]
pub fn shell() -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head><meta charset="utf-8"/></head>
            <body><super::App/></body>
        </html>
    }
}
