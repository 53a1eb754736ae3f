//! There is nothing here.

use leptos::prelude::*;

use crate::head::{Head, arrive, describe, status};

/// The page for everything that is not there. The server answers it with 404.
pub fn not_found() -> impl IntoView {
    status(404);
    describe(Head {
        title: "Not found".to_owned(),
        description: "There is nothing at this address.".to_owned(),
        kind: "website",
        ..Head::default()
    });
    arrive();
    view! {
        <section class="plain">
            <h1>"There is nothing here"</h1>
            <p>"The tweet or person may have left, or the address may be wrong."</p>
            <p><a class="button" href="/">"To the timeline"</a></p>
        </section>
    }
}
