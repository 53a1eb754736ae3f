//! The app: the session, the frame around all pages, and the routes.

use std::cell::Cell;

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::{Lazy, ParamSegment, SsrMode, StaticSegment};

use crate::browser::effect;
use crate::components::{flash::flash, header::header};
use crate::context::PageContext;
use crate::flux::session::{Action, Session};
use crate::json::Carried;
use crate::pages::{
    home::Home,
    login::LogIn,
    not_found::not_found,
    person::{AtName, Person},
    profile::Profile,
    signup::SignUp,
    tweet::OneTweet,
    written::{Written, WrittenPath},
};

/// The whole page below `<body>`.
#[component]
pub fn App() -> impl IntoView {
    // When routes are collected, nobody is there to provide the context.
    let page = SharedValue::new_str(|| Carried(use_context::<PageContext>().unwrap_or_default()));
    let Carried(page) = page.into_inner();
    stay_where_rendered();
    #[cfg(feature = "ssr")]
    {
        leptos_meta::provide_meta_context();
        provide_context(crate::head::Described::default());
    }
    #[cfg(feature = "hydrate")]
    crate::api::provide();
    let session = Session::begin(page);
    view! {
        <Router>
            <a class="skip" href="#main" rel="external">"Skip to the content"</a>
            {header(&session)}
            <main id="main" tabindex="-1">
                {follow_moves(session.clone())}
                {flash(&session)}
                <FlatRoutes fallback=not_found>
                    <Route path=StaticSegment("") view={Lazy::<Home>::new()} ssr=SsrMode::Async/>
                    <Route path=StaticSegment("login") view={Lazy::<LogIn>::new()} ssr=SsrMode::Async/>
                    <Route path=StaticSegment("signup") view={Lazy::<SignUp>::new()} ssr=SsrMode::Async/>
                    <Route path=StaticSegment("profile") view={Lazy::<Profile>::new()} ssr=SsrMode::Async/>
                    <Route
                        path=(StaticSegment("tweet"), ParamSegment("id"))
                        view={Lazy::<OneTweet>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route path=WrittenPath view={Lazy::<Written>::new()} ssr=SsrMode::Async/>
                    <Route path=AtName view={Lazy::<Person>::new()} ssr=SsrMode::Async/>
                </FlatRoutes>
            </main>
        </Router>
    }
}

/// A form that was refused before the app was there is answered at the form's own address with
/// the page it stands on. The browser then says what the server rendered, so that both route
/// alike, and a reload asks for a page that there is.
fn stay_where_rendered() {
    let rendered = SharedValue::new_str(|| {
        let url = use_context::<leptos_router::location::RequestUrl>();
        // The router's own form is absolute: only path and query are of interest.
        let url = url.unwrap_or_default();
        let url = url.as_ref();
        let path = url.split_once("://").map_or(url, |(_, rest)| rest);
        path.find('/').map_or("/", |at| &path[at..]).to_owned()
    })
    .into_inner();
    #[cfg(feature = "hydrate")]
    crate::browser::stay_at(&rendered);
    #[cfg(not(feature = "hydrate"))]
    drop(rendered);
}

/// Tells the session when the person goes to another page.
fn follow_moves(session: Session) {
    let location = use_location();
    let there = Cell::new(false);
    effect(move || {
        location.pathname.track();
        location.search.track();
        if there.replace(true) {
            session.dispatch(Action::Moved);
        }
    });
}
