//! A sentence that is said once, after a redirect.

use leptos::prelude::*;

use crate::flux::session::Session;
use crate::plain::{Plain, PlainView, unless_empty};

/// The flash, if there is one.
pub fn flash(session: &Session) -> Plain {
    unless_empty(session.flash(), |text| {
        view! { <p class="flash" role="status">{text}</p> }.plain()
    })
}
