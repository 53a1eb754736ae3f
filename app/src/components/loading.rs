//! What is shown while a page's data is on its way, or when it doesn't come.

use leptos::prelude::*;

use crate::backend::Trouble;
use crate::head::{Head, describe, status};
use crate::plain::{Plain, PlainView};

/// Data is on its way.
pub fn loading() -> Plain {
    view! { <p class="note" role="status">"Loading…"</p> }.plain()
}

/// Data did not come.
pub fn trouble(trouble: Trouble) -> Plain {
    match trouble {
        Trouble::NotFound => crate::pages::not_found::not_found().plain(),
        Trouble::Unavailable(reason) => {
            status(503);
            describe(Head {
                title: "Not now".to_owned(),
                description: "Siskin can't show this page now.".to_owned(),
                kind: "website",
                ..Head::default()
            });
            view! {
                <section class="plain">
                    <h1>"Not now"</h1>
                    <p role="alert">{reason}</p>
                    <p><a class="button" href="" rel="external">"Try again"</a></p>
                </section>
            }
            .plain()
        }
    }
}
