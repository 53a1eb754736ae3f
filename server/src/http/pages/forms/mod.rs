//! What browsers send: one file per form, and here what all of them share.
//!
//! A form is answered in one of two voices. A browser without JavaScript gets 303 or the page
//! again; our own code asks with `Accept: application/json` and gets `{"status", "location"}` or
//! the API's error.

pub(super) mod account;
pub(super) mod app;
pub(super) mod code;
pub(super) mod elsewhere;
pub(super) mod invitations;
pub(super) mod log_in;
pub(super) mod log_out;
pub(super) mod own_data;
pub(super) mod passkey;
pub(super) mod profile;
pub(super) mod sessions;
pub(super) mod sign_up;
pub(super) mod theme;
pub(super) mod tweet;

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use siskin_app::context::{FormError, SentForm};
use siskin_app::written::{Frame, Written};
use siskin_domain::{FieldError, Reason};

use super::PageState;
use super::cookies::{self, Flash};
use super::{render, way_back};
use crate::application::{Caller, Refused, caller_cookie_name};
use crate::http::api::error::ApiError;
use crate::http::device::client_of;
use crate::http::pace::TooSlow;
use crate::http::{client, csrf, rate_limit};
use crate::storage::Client;

/// The most fields of a form; no form of ours has half as many.
const MOST_FIELDS: usize = 64;

/// A form as it was sent: from our own pages, by somebody or a visitor.
pub(super) struct Form {
    /// The person's address, for throttles.
    pub(super) peer: std::net::IpAddr,
    /// The request's headers.
    pub(super) headers: HeaderMap,
    /// Who sent it.
    pub(super) caller: Option<Caller>,
    /// What was typed.
    fields: Vec<(String, String)>,
    /// Does our own code ask, rather than a browser's form?
    pub(super) json: bool,
}

impl FromRequest<PageState> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, state: &PageState) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let (json, path) = (wants_json(&parts.headers), parts.uri.path().to_owned());
        csrf::same_origin(&parts.headers, &state.services.rules)
            .map_err(|refused| ApiError::from(refused).into_response())?;
        if !is_form(&parts) {
            return Err(ApiError::unsupported_media_type().into_response());
        }
        let peer = client::address(&parts, &state.services.rules);
        let headers = parts.headers.clone();
        let request = Request::from_parts(parts, body);
        let axum::Form(fields) = axum::Form::<Vec<(String, String)>>::from_request(request, state)
            .await
            .map_err(|rejection| {
                if TooSlow::is_cause_of(&rejection) {
                    return ApiError::too_slow().into_response();
                }
                let status = axum::response::IntoResponse::into_response(rejection).status();
                match status {
                    StatusCode::PAYLOAD_TOO_LARGE => ApiError::payload_too_large(),
                    _ => ApiError::bad_request("The form can't be read."),
                }
                .into_response()
            })?;
        // Last: a session may end while a form is on its way.
        let caller =
            render::caller(state, &headers).await.map_err(|error| render::unavailable(&error))?;
        if fields.len() > MOST_FIELDS {
            return Err(ApiError::bad_request("The form has too many fields.").into_response());
        }
        let form = Self { peer, headers, caller, fields, json };
        let suspended = form.caller.as_ref().is_some_and(|caller| caller.standing.suspended);
        if suspended && !EVEN_SUSPENDED.contains(&path.as_str()) && !ends_session(&path) {
            // Somewhere under a page that the server writes; a reload leads home.
            let show = siskin_app::written::notice::DISMISS_PATH.to_owned();
            return Err(form.refuse_elsewhere(state, show, Refused::Suspended.into()).await);
        }
        Ok(form)
    }
}

/// Where suspended people still send forms to, beside where they end their sessions.
const EVEN_SUSPENDED: [&str; 11] = [
    "/login",
    "/logout",
    "/signup",
    "/theme",
    "/account/forgot",
    "/account/reset",
    "/account/verify",
    "/log-in/code",
    "/settings/account/delete",
    "/settings/data",
    siskin_app::written::notice::DISMISS_PATH,
];

fn ends_session(path: &str) -> bool {
    path.starts_with("/settings/sessions/")
}

/// An empty body is an empty form, whatever it is called.
fn is_form(parts: &Parts) -> bool {
    let empty = parts.headers.get(header::CONTENT_LENGTH).is_some_and(|length| length == "0");
    let named = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    match named {
        Some(mime) => mime
            .split(';')
            .next()
            .is_some_and(|m| m.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")),
        None => empty || !parts.headers.contains_key(header::CONTENT_LENGTH),
    }
}

pub(in crate::http) fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.starts_with("application/json"))
}

impl Form {
    /// What is kept in words of whoever begins a session.
    pub(super) fn client(&self) -> Client {
        client_of(&self.headers, self.peer)
    }

    /// Who sent it.
    pub(super) fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }

    /// Why something is to be done.
    pub(super) fn reason(&self) -> Result<Reason, FieldError> {
        Reason::parse(self.field("reason"))
    }

    /// A field's text; empty if it was not sent.
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A field's text, if it was sent and is not blank.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.field(name)).filter(|text| !text.trim().is_empty())
    }

    /// The form did its work: on to another page.
    pub(super) fn done(
        &self,
        location: &str,
        cookies: impl IntoIterator<Item = Option<HeaderValue>>,
    ) -> Response {
        let mut response = if self.json {
            let body = serde_json::json!({ "status": "Success", "location": location });
            Json(body).into_response()
        } else {
            let mut response = StatusCode::SEE_OTHER.into_response();
            if let Ok(location) = HeaderValue::from_str(location) {
                response.headers_mut().insert(header::LOCATION, location);
            }
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for line in cookies.into_iter().flatten() {
            headers.append(header::SET_COOKIE, line);
        }
        response
    }

    /// On to another page that says one sentence.
    pub(super) fn done_saying(&self, state: &PageState, location: &str, flash: Flash) -> Response {
        self.done(location, [cookies::set_flash(flash, state.services.rules.secure_cookies)])
    }

    /// The form began a session: on to the page that the person wanted before.
    pub(super) fn signed_in(&self, state: &PageState, secret: String) -> Response {
        let https = state.services.rules.secure_cookies;
        let session = cookies::set_session(caller_cookie_name(https), secret, https);
        match way_back::of(&self.headers) {
            Some(path) => self.done(&path, [session, way_back::clear(https)]),
            None => self.done("/", [session]),
        }
    }

    /// The form was refused by the application: shows it again with the reason.
    pub(super) async fn refuse(
        self,
        state: &PageState,
        path: &str,
        show: &str,
        refused: Refused,
    ) -> Response {
        self.refuse_with(state, path, show, ApiError::from(refused)).await
    }

    /// The form breaks rules that we know before asking anybody: shows them all.
    async fn refuse_fields(
        self,
        state: &PageState,
        path: &str,
        show: &str,
        errors: Vec<FieldError>,
    ) -> Response {
        let (first, errors) = told(errors);
        self.show_again(state, path, show, first, errors).await
    }

    /// Nobody is signed in: that is what to do first.
    pub(super) async fn refuse_visitor(self, state: &PageState) -> Response {
        self.refuse(state, "/login", "/login", Refused::NotSignedIn).await
    }

    /// The page that the form stands on can't be shown: says what is wrong, and what was typed.
    pub(super) async fn refuse_elsewhere(
        self,
        state: &PageState,
        path: String,
        error: ApiError,
    ) -> Response {
        let page = |frame: &Frame| Written {
            path,
            title: "That was not done".to_owned(),
            content: siskin_app::written::elsewhere::content(frame),
        };
        self.refuse_written(state, error, Vec::new(), page).await
    }

    /// The form of a page that the server writes was refused: shows the page again, what was typed
    /// and what is wrong in its frame. Without `errors` the error itself is what is wrong.
    pub(super) async fn refuse_written(
        self,
        state: &PageState,
        error: ApiError,
        errors: Vec<FormError>,
        page: impl FnOnce(&Frame) -> Written,
    ) -> Response {
        if self.json {
            return error.into_response();
        }
        let errors = if errors.is_empty() { said(&error) } else { errors };
        let status = error.status();
        let values = shown(self.fields);
        let caller = self.caller.as_ref();
        let sent = SentForm { path: String::new(), values, errors };
        let page = page(&render::frame(state, caller, Some(sent)));
        let response = render::written(state, caller, self.headers, page, status).await;
        with_limits(response, error.into_response().headers())
    }

    async fn refuse_with(
        self,
        state: &PageState,
        path: &str,
        show: &str,
        error: ApiError,
    ) -> Response {
        let errors = said(&error);
        self.show_again(state, path, show, error, errors).await
    }

    async fn show_again(
        self,
        state: &PageState,
        path: &str,
        show: &str,
        error: ApiError,
        errors: Vec<FormError>,
    ) -> Response {
        if self.json {
            return error.into_response();
        }
        let status = error.status();
        let said = error.into_response();
        let form = SentForm { path: path.to_owned(), values: shown(self.fields), errors };
        let response =
            render::refused_form(state, self.headers, self.caller.as_ref(), show, form, status)
                .await;
        with_limits(response, said.headers())
    }
}

/// What an error says of the form, for the page.
fn said(error: &ApiError) -> Vec<FormError> {
    let body = error.body();
    vec![FormError { field: body.field.clone(), message: body.message.clone() }]
}

/// The first of some errors for programs, and all of them for the page.
pub(super) fn told(mut errors: Vec<FieldError>) -> (ApiError, Vec<FormError>) {
    let for_page = errors
        .iter()
        .map(|e| FormError { field: Some(e.field.to_owned()), message: e.message.to_string() })
        .collect();
    (ApiError::from(Refused::Field(errors.swap_remove(0))), for_page)
}

/// What may be shown again of what was typed: no password.
fn shown(fields: Vec<(String, String)>) -> Vec<(String, String)> {
    fields.into_iter().filter(|(name, _)| !name.contains("password")).collect()
}

/// A page that also says what its error says of limits.
fn with_limits(mut page: Response, said: &HeaderMap) -> Response {
    for name in [header::RETRY_AFTER, rate_limit::POLICY, rate_limit::LEFT] {
        if let Some(value) = said.get(&name).cloned() {
            page.headers_mut().insert(name, value);
        }
    }
    page
}

/// Parses a field and notes what is wrong, so that a person sees all errors at once.
pub(super) fn noting<T>(errors: &mut Vec<FieldError>, parsed: Result<T, FieldError>) -> Option<T> {
    parsed.map_err(|error| errors.push(error)).ok()
}
