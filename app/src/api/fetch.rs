//! One request, one answer.

use super::stream;
use crate::context::FormError;
use crate::json::{FromJson, decode};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

/// How long an answer may take: nothing in the page waits longer than this.
const PATIENCE_MS: u32 = 15_000;

/// The header that says how far the server's log is.
const POSITION: &str = "X-Siskin-Position";

/// What people are told when nobody answers.
pub(super) const UNREACHABLE: &str =
    "Siskin can't be reached. Check your connection and try again.";

/// An answer.
pub(super) struct Answer {
    /// Its status.
    pub(super) status: u16,
    /// Its body.
    pub(super) text: String,
}

impl Answer {
    /// Is it 2xx?
    pub(super) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Its body as JSON.
    pub(super) fn json<T: FromJson>(&self) -> Option<T> {
        decode(&self.text)
    }

    /// What went wrong, in a sentence for people.
    pub(super) fn reason(&self) -> String {
        match self.json::<FormError>() {
            Some(error) => error.message,
            None => "Something went wrong. Try again in a moment.".to_owned(),
        }
    }
}

/// Sends a request of ours and reads the whole answer; `None` if there is none.
pub(super) async fn send(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> Option<Answer> {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
    if let Some(body) = body {
        init.set_body(&JsValue::from_str(body));
    }
    let all = Headers::new().ok()?;
    all.set("Accept", "application/json").ok()?;
    for (name, value) in headers {
        all.set(name, value).ok()?;
    }
    if stream::is_lost() {
        // Asked for, the answer says how far the log is.
        all.set(POSITION, "0").ok()?;
    }
    init.set_headers(&all);
    let asked = leptos::prelude::window().fetch_with_str_and_init(path, &init);
    let response: Response = JsFuture::from(asked).await.ok()?.dyn_into().ok()?;
    if stream::is_lost()
        && let Ok(Some(position)) = response.headers().get(POSITION)
    {
        stream::reach(&position);
    }
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    Some(Answer { status: response.status(), text })
}
