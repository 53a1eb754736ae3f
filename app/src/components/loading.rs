//! What is shown while a page's data is on its way, or when it doesn't come.

use maud::html;

use crate::backend::Trouble;
use crate::head::{Head, describe, status};
use crate::plain::{Plain, still};

/// Data is on its way.
pub fn loading() -> Plain {
    still(html! { p.note role="status" { "Loading…" } })
}

/// Data did not come.
pub fn trouble(trouble: Trouble) -> Plain {
    match trouble {
        Trouble::NotFound => crate::pages::not_found::not_found(),
        Trouble::Unavailable(reason) => {
            status(503);
            describe(Head {
                title: "Not now".to_owned(),
                description: "Siskin can't show this page now.".to_owned(),
                kind: "website",
                ..Head::default()
            });
            still(html! {
                section.plain {
                    h1 { "Not now" }
                    p role="alert" { (reason) }
                    p { a.button href="" rel="external" { "Try again" } }
                }
            })
        }
    }
}
