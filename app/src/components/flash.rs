//! A sentence that is said once, after a redirect.

use leptos::prelude::*;

use crate::flux::session::Session;

/// The flash, if there is one.
pub fn flash(session: &Session) -> impl IntoView + use<> {
    let flash = session.flash();
    move || flash.get().map(|text| view! { <p class="flash" role="status">{text}</p> })
}
