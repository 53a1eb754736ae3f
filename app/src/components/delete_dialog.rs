//! Asks whether a tweet shall really be deleted.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::browser;
use crate::flux::feed::Page;
use crate::flux::timeline::Action;
use crate::plain::{Plain, PlainView};

/// The dialog. The browser keeps the focus inside, closes it on Escape, and gives the focus back.
pub fn delete_dialog(page: Page) -> Plain {
    let dialog = NodeRef::<Dialog>::new();
    let asking = page.is_asking();
    browser::effect(move || {
        let Some(dialog) = dialog.get() else { return };
        match (asking.get(), dialog.open()) {
            (true, false) => _ = dialog.show_modal(),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let delete = move |_| {
        page.dispatch(Action::DeleteConfirmed);
        // The button that the focus would go back to has left with its tweet.
        request_animation_frame(|| {
            if let Some(list) = browser::by_id("tweets") {
                browser::focus_quietly(&list);
            }
        });
    };
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-labelledby="delete-title"
            on:close=move |_| page.dispatch(Action::DeleteDismissed)
        >
            <h2 id="delete-title">"Delete this tweet?"</h2>
            <p>"It will be gone for everybody. This can't be undone."</p>
            <div class="dialog-actions">
                <button type="button" class="button" on:click=move |_| page.dispatch(Action::DeleteDismissed)>"Keep"</button>
                <button type="button" class="button danger" on:click=delete>"Delete"</button>
            </div>
        </dialog>
    }
    .plain()
}
