//! `POST /log-in/with/{provider}`: away.

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, header};
use siskin_app::written::onward;
use siskin_domain::UserId;

use super::{Trouble, note, sorry};
use crate::application::Refused;
use crate::application::accounts::Step;
use crate::http::pages::forms::Form;
use crate::http::pages::{PageState, cookies};
use crate::oidc::Ceremony;

/// What the page that leads on may do: show itself.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// Sends a person to a provider to log in.
pub(crate) async fn post(
    State(state): State<PageState>,
    Path(provider): Path<String>,
    form: Form,
) -> Response {
    if let Err(refused) = state.services.throttle.way(form.peer).await {
        return form.refuse(&state, "/login", "/login", refused).await;
    }
    match begin(&state, &provider, None).await {
        Ok(begun) => lead_on(&state, &form, begun),
        Err(NotBegun::Trouble(trouble)) => {
            sorry(&state, form.caller.as_ref(), form.headers, trouble).await
        }
        Err(NotBegun::Refused(refused)) => form.refuse(&state, "/login", "/login", refused).await,
    }
}

/// A way that has begun.
pub(super) struct Begun {
    label: String,
    address: String,
    cookie: String,
}

/// Why none has.
pub(super) enum NotBegun {
    Trouble(Trouble),
    Refused(Refused),
}

/// Begins a way to a provider; `user` is who wants to link what they come back with.
pub(super) async fn begin(
    state: &PageState,
    name: &str,
    user: Option<UserId>,
) -> Result<Begun, NotBegun> {
    let provider = state.providers.get(name).ok_or(NotBegun::Trouble(Trouble::Unknown))?;
    let ceremony = Ceremony::new(&*state.services.entropy);
    let address = provider.begin(&ceremony).await.map_err(|error| {
        note(name, &error);
        NotBegun::Trouble(Trouble::from(&error))
    })?;
    let step = Step::Away { provider: name.to_owned() };
    let noted = state.services.accounts.note_step(ceremony.key(), user, &step).await;
    noted.map_err(NotBegun::Refused)?;
    Ok(Begun { label: provider.label().to_owned(), address, cookie: ceremony.cookie() })
}

/// The page that leads there.
pub(super) fn lead_on(state: &PageState, form: &Form, begun: Begun) -> Response {
    let https = state.services.rules.secure_cookies;
    let cookie = cookies::set_ceremony(Some(begun.cookie), https);
    if form.json {
        return form.done(&begun.address, [cookie]);
    }
    let page = onward::document(&begun.label, &begun.address, state.stylesheet().as_deref());
    let mut response = Html(page.into_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.extend(cookie.map(|line| (header::SET_COOKIE, line)));
    response
}
