//! The step to an OpenID provider. It is a page that leads on by itself, as a form that is answered
//! by a redirect to another site is stopped by the pages' own `form-action 'self'`, and listing
//! providers there would not do: they redirect to sites that only they know.

use maud::{DOCTYPE, Markup, html};

/// The whole document: no script, no frame, nothing to wait for.
#[must_use]
pub fn document(label: &str, address: &str, stylesheet: Option<&str>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta http-equiv="refresh" content={ "0; url=" (address) };
                title { "On to " (label) }
                @if let Some(href) = stylesheet { link rel="stylesheet" href=(href); }
            }
            body {
                main {
                    section.plain {
                        h1 { "On to " bdi { (label) } " …" }
                        p { a.button href=(address) { "Go on" } }
                    }
                }
            }
        }
    }
}
