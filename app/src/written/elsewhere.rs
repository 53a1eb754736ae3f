//! What is shown when a form can't be taken at its own address: why, and what was typed, so that
//! nothing is lost.

use maud::{Markup, html};

use super::Frame;

/// The page.
#[must_use]
pub fn content(frame: &Frame) -> Markup {
    let typed = frame.sent.iter().flat_map(|sent| &sent.values);
    let typed: Vec<_> = typed.filter(|(_, value)| !value.trim().is_empty()).collect();
    html! {
        h1 { "That was not done" }
        (frame.whole_error())
        @if !typed.is_empty() {
            p { "What you typed:" }
            @for (_, value) in typed { p.note dir="auto" { (value) } }
        }
        p { a href="/" { "To the newest tweets" } }
    }
}
