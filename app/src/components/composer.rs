//! Where one tweets.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::{Form, Textarea};
use leptos::prelude::*;

use crate::browser;
use crate::flux::composer::Action;
use crate::flux::feed::Page;
use crate::plain::PlainView;

/// The composer. `typed` is what a refused form held.
pub fn composer(page: Page, typed: &str) -> AnyView {
    let (form, area) = (NodeRef::<Form>::new(), NodeRef::<Textarea>::new());
    let (left, refusal) = (page.left(), page.refusal());
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
            if let Some(form) = form.get_untracked() {
                _ = form.request_submit();
            }
        }
    };
    view! {
        <form class="composer" method="post" action="/tweets" novalidate node_ref=form on:submit=send>
            <label class="visually-hidden" for="body">"How you doing?"</label>
            <textarea
                id="body"
                name="body"
                rows="3"
                dir="auto"
                placeholder="How you doing?"
                aria-describedby="body-count body-error"
                aria-invalid=move || refusal.get().is_some().then_some("true")
                node_ref=area
                on:input=move |event| page.dispatch(Action::Typed(browser::value_of(&event)))
                on:keydown=shortcut
                inner_html=browser::escaped(typed)
            ></textarea>
            <div id="body-error" class="field-error">
                {move || refusal.get().map(|text| view! { <p role="alert">{text}</p> })}
            </div>
            <div class="composer-foot">
                <p id="body-count" class="count" data-over=move || left.get() < 0>
                    <span>{move || left.get()}</span>
                    <span class="visually-hidden">" characters left"</span>
                </p>
                <p class="visually-hidden" role="status">{move || warning(left.get())}</p>
                <button class="button primary" disabled=move || left.get() < 0>"Tweet"</button>
            </div>
        </form>
    }
    .plain()
}

/// What a screen reader says while one types: nothing until it gets tight.
fn warning(left: i64) -> String {
    match left {
        ..0 => format!("{} characters too many", -left),
        0..=10 => format!("{left} characters left"),
        11..=20 => "20 characters left".to_owned(),
        _ => String::new(),
    }
}

/// The text area keeps its own text, typed before hydration too; it is set only when the store
/// says so: emptied when a tweet leaves, filled when one comes back.
fn obey(page: Page, area: NodeRef<Textarea>) {
    let rewrite = page.rewrite();
    Effect::new(move |_| {
        let (times, text) = rewrite.get();
        let Some(area) = area.get() else { return };
        if times == 0 {
            page.dispatch(Action::Typed(area.value()));
        } else {
            area.set_value(&text);
        }
    });
}
