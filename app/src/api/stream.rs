//! Live events, by the browser's `EventSource`, which reconnects by itself and then tells the
//! server the last event it saw. Where it does not, we open another and tell the same.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use crate::flux::feed;
use crate::flux::store::Dispatcher;
use crate::flux::timeline::Action;
use crate::json::{Json, decode};

/// How often we look whether the stream is to be opened again, because the server refused it, or to
/// be closed.
const LOOK: Duration = Duration::from_secs(3);

/// A page that was not seen so many looks long gives its connection back: browsers have six for all
/// pages of a site.
const UNSEEN: u32 = 10;

/// Nobody has listened yet.
const NOT_YET: u64 = u64::MAX;
/// Somebody listens, and nothing has told the position.
const UNKNOWN: u64 = 0;

thread_local! {
    /// The position of the last event that was seen, by this page or the one before.
    static SEEN: Cell<u64> = const { Cell::new(NOT_YET) };
}

type Listener = Closure<dyn FnMut(MessageEvent)>;

/// Do we listen without knowing where we are? An answer may tell.
pub(super) fn is_lost() -> bool {
    SEEN.get() == UNKNOWN
}

/// Where we are now.
pub(super) fn reach(position: &str) {
    SEEN.set(position.parse().unwrap_or(UNKNOWN));
}

/// Opens the stream for as long as the page of `dispatcher` lives and is seen.
pub(super) fn listen(dispatcher: Dispatcher<feed::State>) {
    let Some(held) = open(dispatcher) else { return };
    let held = StoredValue::new(SendWrapper::new(held));
    let unseen = Cell::new(0);
    let look = move || {
        let Some(source) = held.try_with_value(|held| held.source.clone()) else { return };
        if document().hidden() {
            unseen.set(unseen.get() + 1);
            if unseen.get() > UNSEEN && !is_lost() {
                source.close();
            }
            return;
        }
        unseen.set(0);
        if source.ready_state() == EventSource::CLOSED
            && let Some(again) = open(dispatcher)
        {
            held.set_value(SendWrapper::new(again));
        }
    };
    let timer = set_interval_with_handle(look, LOOK);
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
        held.try_with_value(|held| held.source.close());
    });
}

/// An open stream with its listeners.
struct Open {
    source: EventSource,
    _listeners: [Listener; 4],
}

fn open(dispatcher: Dispatcher<feed::State>) -> Option<Open> {
    if SEEN.get() == NOT_YET {
        SEEN.set(UNKNOWN);
    }
    let seen = if is_lost() { String::new() } else { SEEN.get().to_string() };
    let source = EventSource::new(&["/api/v2/stream?last_event_id=", &seen].concat()).ok()?;
    let on = |name: &str, read: fn(&str) -> Option<Action>| {
        let listener = Listener::new(move |event: MessageEvent| {
            let data = event.data().as_string().inspect(|_| reach(&event.last_event_id()));
            if let Some(action) = read(&data.unwrap_or_default()) {
                dispatcher.dispatch(action.into());
            }
        });
        _ = source.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        listener
    };
    let listeners = [
        on("open", |_| Some(Action::StreamOpened)),
        on("error", |_| Some(Action::StreamLost)),
        on("tweet.posted", |data| decode(data).map(Action::Posted)),
        on("tweet.deleted", |data| decode::<Json>(data)?.read("id").map(Action::Vanished)),
    ];
    Some(Open { source, _listeners: listeners })
}
