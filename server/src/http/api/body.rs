//! Bodies of requests: JSON objects of at most 1 MiB, read by key.

use std::time::{Duration, Instant};

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::LengthLimitError;
use serde_json::{Map, Value};

use super::auth::{self, Asking};
use super::error::ApiError;
use crate::application::{Caller, Refused};
use crate::http::pace::TooSlow;
use crate::http::state::HttpState;

/// The largest body, in bytes.
const LIMIT: usize = 1024 * 1024;

/// After so long it is asked again who sends a body: nobody is known for longer without that.
const SLOW: Duration = Duration::from_secs(1);

/// A JSON object as it came, and its keys.
pub(super) struct JsonBody {
    /// The body itself, for fingerprints.
    pub(super) bytes: Bytes,
    keys: Map<String, Value>,
}

impl FromRequest<HttpState> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &HttpState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let kind = media_kind(&parts.headers);
        if declared_length(&parts.headers).is_some_and(|length| length > LIMIT as u64) {
            return Err(ApiError::payload_too_large());
        }
        if kind == MediaKind::Other {
            return Err(ApiError::unsupported_media_type());
        }
        let begun = Instant::now();
        let bytes = to_bytes(body, LIMIT).await.map_err(|error| {
            if is_too_long(&error) {
                ApiError::payload_too_large()
            } else if TooSlow::is_cause_of(&error) {
                ApiError::too_slow()
            } else {
                ApiError::bad_request("The body broke off.")
            }
        })?;
        if kind == MediaKind::Absent && !bytes.is_empty() {
            return Err(ApiError::unsupported_media_type());
        }
        if let Some(Asking(caller)) = parts.extensions.get()
            && begun.elapsed() >= SLOW
        {
            still_the_same(caller, &parts.headers, state).await?;
        }
        Self::parse(bytes)
    }
}

/// Sessions end and roles change while a body is on its way.
async fn still_the_same(
    caller: &Caller,
    headers: &HeaderMap,
    state: &HttpState,
) -> Result<(), ApiError> {
    let now = auth::who(headers, &state.services).await?.ok_or_else(ApiError::not_signed_in)?;
    let same = now.token == caller.token
        && now.actor.role >= caller.actor.role
        && now.standing.suspended <= caller.standing.suspended;
    if same { Ok(()) } else { Err(Refused::Conflict.into()) }
}

impl JsonBody {
    /// Reads a whole body.
    pub(super) fn parse(bytes: Bytes) -> Result<Self, ApiError> {
        // serde_json refuses broken UTF-8 and gives up at 128 levels of nesting.
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(keys)) => Ok(Self { bytes, keys }),
            Ok(_) | Err(_) => Err(ApiError::json_invalid()),
        }
    }

    /// A key that must be there.
    pub(super) fn text(&self, key: &'static str) -> Result<&str, ApiError> {
        self.present_text(key)?.ok_or_else(|| ApiError::key_missing(key))
    }

    /// A key that may be missing or null.
    pub(super) fn optional_text(&self, key: &'static str) -> Result<Option<&str>, ApiError> {
        match self.keys.get(key) {
            Some(Value::Null) => Ok(None),
            _ => self.present_text(key),
        }
    }

    /// A key that may be missing, but not null: what `PUT` changes.
    pub(super) fn present_text(&self, key: &'static str) -> Result<Option<&str>, ApiError> {
        match self.keys.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::key_type_wrong(key, "a string")),
        }
    }

    /// An object that must be there.
    pub(super) fn object(&self, key: &'static str) -> Result<&Value, ApiError> {
        match self.keys.get(key) {
            None => Err(ApiError::key_missing(key)),
            Some(object @ Value::Object(_)) => Ok(object),
            Some(_) => Err(ApiError::key_type_wrong(key, "an object")),
        }
    }

    /// A whole number that may be missing.
    pub(super) fn present_number(&self, key: &'static str) -> Result<Option<u64>, ApiError> {
        let Some(value) = self.keys.get(key) else { return Ok(None) };
        let number = value.as_u64().ok_or_else(|| ApiError::key_type_wrong(key, "a whole number"));
        number.map(Some)
    }

    /// A whole number that may be missing or null.
    pub(super) fn optional_number(&self, key: &'static str) -> Result<Option<u64>, ApiError> {
        match self.keys.get(key) {
            Some(Value::Null) => Ok(None),
            _ => self.present_number(key),
        }
    }

    /// A list of texts that may be missing or null.
    pub(super) fn optional_texts(&self, key: &'static str) -> Result<Option<Vec<&str>>, ApiError> {
        let texts = match self.keys.get(key) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Array(values)) => values.iter().map(Value::as_str).collect(),
            Some(_) => None,
        };
        texts.map(Some).ok_or_else(|| ApiError::key_type_wrong(key, "a list of strings"))
    }

    /// The first key that is none of these.
    pub(super) fn unknown_key(&self, known: &[&str]) -> Option<&str> {
        self.keys.keys().map(String::as_str).find(|key| !known.contains(key))
    }
}

/// The limit's error is wrapped as often as the body is.
fn is_too_long(error: &axum::Error) -> bool {
    let first: Option<&(dyn std::error::Error + 'static)> = Some(error);
    std::iter::successors(first, |error| error.source()).any(|error| error.is::<LengthLimitError>())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaKind {
    Json,
    Other,
    Absent,
}

/// `application/json` or `application/…+json`, in UTF-8 if a charset is named.
pub(super) fn media_kind(headers: &HeaderMap) -> MediaKind {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return MediaKind::Absent };
    let Ok(text) = value.to_str() else { return MediaKind::Other };
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let json = essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"));
    let utf8 = parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
        !name.eq_ignore_ascii_case("charset")
            || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    if json && utf8 { MediaKind::Json } else { MediaKind::Other }
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_by_its_media_type() {
        for (text, kind) in [
            ("application/json", MediaKind::Json),
            ("Application/JSON; charset=UTF-8", MediaKind::Json),
            ("application/json;charset=\"utf-8\"", MediaKind::Json),
            ("application/merge-patch+json", MediaKind::Json),
            ("application/json; charset=latin1", MediaKind::Other),
            ("text/json", MediaKind::Other),
            ("text/plain", MediaKind::Other),
            ("application/x-www-form-urlencoded", MediaKind::Other),
            ("", MediaKind::Other),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, text.parse().unwrap());
            assert_eq!(media_kind(&headers), kind, "{text:?}");
        }
        assert_eq!(media_kind(&HeaderMap::new()), MediaKind::Absent);
    }
}
