//! Live events, by the browser's `EventSource`, which reconnects by itself and then tells the
//! server the last event it saw.

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

/// When the server refused the stream, the browser gives up; we come back after this.
const RETRY: Duration = Duration::from_secs(5);

type Listener = Closure<dyn FnMut(MessageEvent)>;

/// Opens the stream for as long as the page of `dispatcher` lives.
pub(super) fn listen(dispatcher: Dispatcher<feed::State>) {
    let Some(held) = open(dispatcher) else { return };
    let held = StoredValue::new(SendWrapper::new(held));
    let timer = set_interval_with_handle(
        move || {
            let closed =
                |held: &SendWrapper<Open>| held.source.ready_state() == EventSource::CLOSED;
            if held.try_with_value(closed) == Some(true)
                && let Some(again) = open(dispatcher)
            {
                held.set_value(SendWrapper::new(again));
            }
        },
        RETRY,
    );
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
    let source = EventSource::new("/api/v2/stream").ok()?;
    let on = |name: &str, read: fn(&str) -> Option<Action>| {
        let listener = Listener::new(move |event: MessageEvent| {
            let data = event.data().as_string().unwrap_or_default();
            if let Some(action) = read(&data) {
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
