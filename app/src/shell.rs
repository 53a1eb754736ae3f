//! The document around the app: rendered by the server only.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::context::{PageContext, Theme};
use crate::written::identities::Ways;

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
    let assets = use_context::<Assets>().unwrap_or_default();
    let theme = use_context::<PageContext>().map_or(Theme::System, |page| page.theme);
    // Tells the style sheet that the page to log in has more to show than the browser knows.
    let more_ways = use_context::<Ways>().filter(|ways| !ways.0.is_empty()).map(|_| "");
    let style = assets.css.as_ref().map(|css| rooted(css));
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.as_str() data-more-ways=more_ways>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f7f6ef"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#14170f"/>
                {style.map(|href| view! { <link rel="stylesheet" href=href/> })}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/icon-192.png"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <MetaTags/>
                {hydration(&assets)}
                {reload()}
            </head>
            <body>
                <super::App/>
                {notice()}
            </body>
        </html>
    }
}

/// What moderators have to say. Behind the app, which is hydrated from the first element on.
#[cfg(feature = "ssr")]
fn notice() -> Option<impl IntoView> {
    let crate::written::notice::Notice(content) = use_context()?;
    Some(view! { <div class="notice" role="status" inner_html=content.into_string()></div> })
}

/// The browser never writes the document.
#[cfg(not(feature = "ssr"))]
fn notice() {}

fn rooted(path: &str) -> String {
    ["/", path].concat()
}

/// Loads the app into the page. Without a built front end there is none to load, and the page
/// works as plain HTML.
fn hydration(assets: &Assets) -> Option<impl IntoView + use<>> {
    let (js, wasm) = (rooted(assets.js.as_ref()?), rooted(assets.wasm.as_ref()?));
    let nonce = use_nonce();
    // The name of a file of ours needs no escaping beyond JSON's.
    let script = [
        "import(\"",
        &js,
        "\").then(m=>m.default({module_or_path:\"",
        &wasm,
        "\"}).then(()=>m.hydrate()))",
    ]
    .concat();
    Some(view! {
        <link rel="modulepreload" href=js/>
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <script type="module" nonce=nonce inner_html=script></script>
    })
}

/// Reloads the page when `cargo leptos watch` has built a new one.
fn reload() -> Option<impl IntoView> {
    std::env::var_os("LEPTOS_WATCH")?;
    let options = use_context::<LeptosOptions>()?;
    Some(leptos::hydration::AutoReload(
        leptos::hydration::AutoReloadProps::builder().options(options).build(),
    ))
}
