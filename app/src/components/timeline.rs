//! A list of tweets that stays fresh.

use std::time::Duration;

use leptos::ev::SubmitEvent;
use leptos::html::Div;
use leptos::prelude::*;
use siskin_domain::Timestamp;
use web_sys::Element;

use super::card::{Viewer, card};
use super::{delete_dialog::delete_dialog, older::older, pill::pill};
use crate::browser;
use crate::flux::feed::Page;
use crate::flux::session::{self, Session};
use crate::flux::timeline::{Action, Older};
use crate::plain::{Plain, PlainView, alert, sometimes, unless_empty};
use crate::relative_time::ago;

/// How often relative times are told anew.
const TICK: Duration = Duration::from_secs(30);

/// What a timeline needs besides its store.
pub struct Frame {
    /// The list's name for screen readers.
    pub label: String,
    /// The list's own path and query, for the link to older tweets.
    pub base: String,
    /// Do older tweets come by themselves when one scrolls?
    pub endless: bool,
    /// What an empty list says.
    pub empty: &'static str,
    /// What is said at the end of a list that is not empty.
    pub end: &'static str,
}

/// The timeline.
pub fn timeline(page: Page, frame: Frame) -> Plain {
    let session = Session::here();
    let viewer = Viewer::of(&session);
    let place = NodeRef::<Div>::new();
    let may_delete = session.me().is_some_and(|me| !me.suspended);
    stay_fresh(page, session, place);
    let (said, failure, offline) = (page.said(), page.failure(), page.is_offline());
    let Frame { label, base, endless, empty, end } = frame;
    view! {
        <section id="tweets" class="timeline" aria-label=label tabindex="-1" on:submit=move |event| ask(page, &event)>
            {pill(page, place)}
            <p class="visually-hidden" role="status">{said}</p>
            {unless_empty(failure, alert)}
            <div class="rows" node_ref=place>{rows(page, viewer)}</div>
            {ending(page, endless, empty, end)}
            {older(page, base, endless)}
            {sometimes(move || offline.get().then(offline_note))}
        </section>
        {may_delete.then(|| delete_dialog(page))}
    }
    .plain()
}

/// Tells a card's time anew.
fn retell(time: &Element, now: Timestamp) {
    let at = time.get_attribute("datetime").and_then(|at| at.parse().ok());
    if let Some(text) = at.map(|at| ago(at, now))
        && time.text_content().as_ref() != Some(&text)
    {
        time.set_text_content(Some(&text));
    }
}

/// On the server a plain list: nothing there will ever change.
#[cfg(feature = "ssr")]
fn rows(page: Page, viewer: Viewer) -> impl IntoView {
    page.rows_now().iter().map(|row| card(row, &viewer)).collect::<Vec<_>>()
}

/// In the browser a keyed list, whose first rows are those of the server.
#[cfg(not(feature = "ssr"))]
fn rows(page: Page, viewer: Viewer) -> impl IntoView {
    let rows = page.rows();
    view! {
        <For
            each=move || rows.get()
            key=crate::flux::timeline::Row::key
            children=move |row| card(&row, &viewer)
        />
    }
}

fn ending(page: Page, endless: bool, empty: &'static str, end: &'static str) -> Plain {
    let (is_empty, state) = (page.is_empty(), page.older());
    sometimes(move || match (state.get(), is_empty.get()) {
        (Older::End, true) => Some(view! { <p class="empty">{empty}</p> }.plain()),
        (Older::End, false) if !end.is_empty() => {
            Some(view! { <p class="note end">{end}</p> }.plain())
        }
        // Only a hashtag leaves out tweets that came, and only its page is not endless.
        (Older::More, true) if !endless => {
            let text = "None of these tweets has it. Look further back.";
            Some(view! { <p class="note">{text}</p> }.plain())
        }
        _ => None,
    })
}

fn offline_note() -> Plain {
    let text = "Not connected. New tweets will come when the network is back.";
    view! { <p class="offline" role="status">{text}</p> }.plain()
}

/// A card's delete form was sent: ask first.
fn ask(page: Page, event: &SubmitEvent) {
    let Some(form) = browser::form_of(event) else { return };
    let Some(id) = form.get_attribute("data-delete") else { return };
    if let Ok(id) = id.parse() {
        event.prevent_default();
        page.dispatch(Action::DeleteAsked(id));
    }
}

/// Begins to listen, and lets time pass.
fn stay_fresh(page: Page, session: Session, place: NodeRef<Div>) {
    let now = session.now();
    browser::effect(move || {
        let now = now.get();
        if let Some(place) = place.get_untracked() {
            browser::each(&place, "time", |time| retell(time, now));
        }
    });
    browser::effect(move || {
        page.dispatch(Action::Began);
        let session = session.clone();
        let tick = move || session.dispatch(session::Action::Ticked(browser::now()));
        tick();
        if let Ok(timer) = set_interval_with_handle(tick, TICK) {
            on_cleanup(move || timer.clear());
        }
    });
}
