//! Who asks: a bearer token or a session cookie becomes a [`Caller`].

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, header};

use super::error::ApiError;
use crate::application::{Caller, Services, caller_cookie_name};
use crate::http::state::HttpState;
use crate::http::{cookie, csrf, is_read};
use crate::storage::{Scope, SessionKind};

/// Whoever asks, if they are somebody. A token that is not valid is refused all the same, so
/// that a program learns of it; a cookie that is not valid is a visitor's.
pub(super) struct MaybeCaller(pub(super) Option<Caller>);

/// Whoever asks for something that has always been answered without asking who: what they came
/// with may show them more, and what is wrong with it counts as nothing.
pub(super) struct Viewer(pub(super) Option<Caller>);

/// Who must be somebody, as [`Caller`], but may be suspended: for what suspended people still do.
pub(super) struct EvenSuspended(pub(super) Caller);

/// A caller who came with a token.
pub(super) struct BearerCaller(pub(super) Caller);

/// Who must be somebody: 401 otherwise. What they came with must be for reading or for writing,
/// whichever this is, and who writes must not be suspended: 403 otherwise.
impl FromRequestParts<HttpState> for Caller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, ApiError> {
        let caller = authenticate(parts, state).await?.ok_or_else(ApiError::not_signed_in)?;
        Ok(if is_read(&parts.method) { caller } else { caller.not_suspended()? })
    }
}

impl FromRequestParts<HttpState> for MaybeCaller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, ApiError> {
        authenticate(parts, state).await.map(Self)
    }
}

impl FromRequestParts<HttpState> for Viewer {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, ApiError> {
        let found = match recognise(parts, state).await {
            Ok(found) => found,
            Err(error) if error.status().is_server_error() => return Err(error),
            Err(_) => None,
        };
        Ok(Self(found.and_then(|caller| caller.for_scope(Scope::Read).ok())))
    }
}

impl FromRequestParts<HttpState> for EvenSuspended {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, ApiError> {
        let caller = authenticate(parts, state).await?.ok_or_else(ApiError::not_signed_in)?;
        Ok(Self(caller))
    }
}

impl FromRequestParts<HttpState> for BearerCaller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, ApiError> {
        match bearer(&parts.headers)? {
            // A token is always good for its own end.
            Some(secret) => by_token(secret, &state.services).await.map(Self),
            None => Err(ApiError::not_signed_in()),
        }
    }
}

/// Whoever asked when the request's head came, for whoever waits for its body.
#[derive(Clone)]
pub(super) struct Asking(pub(super) Caller);

/// Whoever asks, if what they came with is for what they ask.
async fn authenticate(parts: &mut Parts, state: &HttpState) -> Result<Option<Caller>, ApiError> {
    let reads = is_read(&parts.method);
    let found = recognise(parts, state).await?;
    let scope = if reads { Scope::Read } else { Scope::Write };
    let found = found.map(|caller| caller.for_scope(scope)).transpose()?;
    if let Some(caller) = found.as_ref().filter(|_| !reads) {
        parts.extensions.insert(Asking(caller.clone()));
    }
    Ok(found)
}

/// A cookie never authenticates a write from another origin.
async fn recognise(parts: &Parts, state: &HttpState) -> Result<Option<Caller>, ApiError> {
    let (headers, services) = (&parts.headers, &state.services);
    let name = caller_cookie_name(services.rules.secure_cookies);
    let by_cookie = bearer(headers)?.is_none() && cookie::read(headers, name).is_some();
    if by_cookie && !is_read(&parts.method) {
        csrf::same_origin(headers, &services.rules)?;
    }
    who(headers, services).await
}

/// Who has a session that the request brings. A token wins over a cookie.
pub(in crate::http) async fn who(
    headers: &HeaderMap,
    services: &Services,
) -> Result<Option<Caller>, ApiError> {
    match bearer(headers)? {
        Some(secret) => by_token(secret, services).await.map(Some),
        None => Ok(cookie::caller(headers, services).await?),
    }
}

async fn by_token(secret: &str, services: &Services) -> Result<Caller, ApiError> {
    let found = services.callers.by_secret(secret, SessionKind::Bearer).await?;
    found.ok_or_else(ApiError::token_invalid)
}

/// The secret after `Bearer`; an `Authorization` of any other form is refused.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().map_err(|_| ApiError::token_invalid())?;
    match text.split_once(' ') {
        Some((scheme, secret)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(secret.trim())),
        _ => Err(ApiError::token_invalid()),
    }
}
