//! Where one tweets.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::{Form, Textarea};
use leptos::prelude::*;

use crate::browser;
use crate::flux::composer::Action;
use crate::flux::feed::Page;
use crate::plain::{Plain, PlainView, unless_empty, value_if};

/// The composer. `typed` is what a refused form held.
pub fn composer(page: Page, typed: &str) -> Plain {
    let (form, area) = (NodeRef::<Form>::new(), NodeRef::<Textarea>::new());
    let (over, refusal) = (page.is_over(), page.refusal());
    obey(page, area);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(area) = area.get_untracked() else { return };
        let (at, key) = (browser::now(), browser::fresh_key());
        page.dispatch(Action::Submitted { text: area.value(), at, key });
        _ = area.focus();
    };
    let shortcut = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            // Keys that are held are pressed once.
            if let Some(form) = form.get_untracked().filter(|_| !event.repeat()) {
                _ = form.request_submit();
            }
        }
    };
    view! {
        <form id="composer" class="composer" method="post" action="/tweets" novalidate node_ref=form on:submit=send>
            <label class="visually-hidden" for="body">"How you doing?"</label>
            <textarea
                id="body"
                name="body"
                rows="3"
                dir="auto"
                placeholder="How you doing?"
                aria-describedby="body-count body-error"
                aria-invalid=value_if("true", move || refusal.with(|text| !text.is_empty()))
                node_ref=area
                on:input=move |event| page.dispatch(Action::Typed(browser::value_of(&event)))
                on:keydown=shortcut
                inner_html=browser::escaped(typed)
            ></textarea>
            <div id="body-error" class="field-error">
                {unless_empty(refusal, |text| view! { <p role="alert">{text}</p> }.plain())}
            </div>
            <div class="composer-foot">
                <p id="body-count" class="count" data-over=value_if("", move || over.get())>
                    <span>{page.left()}</span>
                    <span class="visually-hidden">" characters left"</span>
                </p>
                <p class="visually-hidden" role="status">{page.warning()}</p>
                <button class="button primary" disabled=over>"Tweet"</button>
            </div>
        </form>
    }
    .plain()
}

/// The text area keeps its own text, typed before hydration too; it is set only when the store
/// says so: emptied when a tweet leaves, filled when one comes back.
fn obey(page: Page, area: NodeRef<Textarea>) {
    let rewrites = page.rewrites();
    browser::effect(move || {
        let times = rewrites.get();
        let Some(area) = area.get() else { return };
        if times == 0 {
            page.dispatch(Action::Typed(area.value()));
        } else {
            area.set_value(&page.text());
        }
    });
}
