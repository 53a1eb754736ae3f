//! There is nothing here.

use maud::html;

use crate::head::{Head, arrive, describe, status};
use crate::plain::{Plain, still};

/// The page for everything that is not there. The server answers it with 404.
pub fn not_found() -> Plain {
    status(404);
    describe(Head {
        title: "Not found".to_owned(),
        description: "There is nothing at this address.".to_owned(),
        kind: "website",
        ..Head::default()
    });
    arrive();
    still(html! {
        section.plain {
            h1 { "There is nothing here" }
            p { "The tweet or person may have left, or the address may be wrong." }
            p { a.button href="/" { "To the timeline" } }
        }
    })
}
