//! The browser's entry: hydrates what the server rendered.

/// Called by the page's script once the WebAssembly is there.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_lazy(siskin_app::App);
}
