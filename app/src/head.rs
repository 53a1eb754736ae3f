//! What a page says of itself in `<head>`.

use leptos::prelude::*;

use crate::flux::session::Session;

/// A page's description, for tabs, crawlers and previews.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// What it is, without the site's name.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// Its own path; empty if it has none to be kept.
    pub path: String,
    /// OpenGraph's type: `website`, `article` or `profile`.
    pub kind: &'static str,
    /// The path of the next, older page of a list.
    pub next: Option<String>,
}

/// Tells the document what page it shows. The server writes all of it; in the browser, only the
/// title can change.
pub fn describe(head: Head) {
    #[cfg(feature = "ssr")]
    server::write(&head);
    let title = full_title(&head.title);
    crate::browser::effect(move || document().set_title(&title));
    keep();
}

/// The page has come, and its head stays as the server wrote it.
pub fn keep() {
    // The page's own part, which was loaded after the frame around it, is being hydrated: it
    // answers to clicks when this turn is over.
    crate::browser::effect(|| set_timeout(crate::browser::say_hydrated, std::time::Duration::ZERO));
}

fn full_title(title: &str) -> String {
    if title.is_empty() { "Siskin".to_owned() } else { [title, " · Siskin"].concat() }
}

/// A new page has come: the focus goes to its heading, so that it is read and the keyboard
/// starts there. Not for the first page, which the browser has announced.
pub fn arrive() {
    let session = Session::here();
    crate::browser::effect(move || {
        if !session.has_moved() {
            return;
        }
        // What was told to come is on the page before the next frame.
        request_animation_frame(|| {
            let heading = document().query_selector("main h1").ok().flatten();
            if let Some(heading) = heading.and_then(|h| wasm_bindgen::JsCast::dyn_into(h).ok()) {
                crate::browser::focus_quietly(&heading);
            }
        });
    });
}

/// Sets the status of the answer; in the browser it is too late for that.
pub fn status(code: u16) {
    if let Some(handle) = use_context::<crate::context::StatusHandle>() {
        (handle.0)(code);
    }
}

#[cfg(feature = "ssr")]
mod server {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use leptos::prelude::*;
    use leptos_meta::{Link, Meta, Title};

    use super::{Head, full_title};
    use crate::flux::session::Session;

    /// Has this request's page described itself? What waits for data may run more than once.
    #[derive(Clone, Default)]
    pub(crate) struct Described(Arc<AtomicBool>);

    pub(super) fn write(head: &Head) {
        if expect_context::<Described>().0.swap(true, Ordering::Relaxed) {
            return;
        }
        let base = Session::here().settings().public_url;
        let title = full_title(&head.title);
        let absolute = |path: &str| [base.as_str(), path].concat();
        // `leptos_meta` collects a tag when it is rendered, and renders nothing in its place.
        let emit = |view: AnyView| drop(view.to_html());
        let name = |name: &'static str, content: String| {
            emit(view! { <Meta name content/> }.into_any());
        };
        let property = |property: &'static str, content: String| {
            emit(view! { <Meta property content/> }.into_any());
        };
        // leptos_meta writes the title as it is, names and bodies in it included.
        emit(view! { <Title text=crate::browser::escaped(&title)/> }.into_any());
        name("description", head.description.clone());
        property("og:site_name", "Siskin".to_owned());
        property("og:title", title);
        property("og:description", head.description.clone());
        property("og:type", head.kind.to_owned());
        name("twitter:card", "summary".to_owned());
        if head.path.is_empty() {
            name("robots", "noindex".to_owned());
        } else {
            let url = absolute(&head.path);
            property("og:url", url.clone());
            emit(view! { <Link rel="canonical" href=url/> }.into_any());
        }
        property("og:image", absolute("/icon-512.png"));
        if let Some(next) = &head.next {
            emit(view! { <Link rel="next" href=absolute(next)/> }.into_any());
        }
    }
}

#[cfg(feature = "ssr")]
pub(crate) use server::Described;
