//! `Idempotency-Key`: a repeated POST gets the first answer again.

use std::future::Future;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use siskin_domain::UserId;
use utoipa::IntoParams;

use super::error::ApiError;
use crate::application::Once;
use crate::application::idempotency::{Begun, KeptAnswer, Repeatable};
use crate::http::state::HttpState;

/// The longest key.
const LONGEST: usize = 255;

/// The request's `Idempotency-Key`, if it has one: 1 to 255 visible ASCII characters.
pub(super) struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// Did the request bring one?
    pub(super) fn is_given(&self) -> bool {
        self.0.is_some()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let bytes = value.as_bytes();
        let fits = (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
        match value.to_str() {
            Ok(text) if fits => Ok(Self(Some(text.to_owned()))),
            _ => Err(ApiError::unprocessable(
                "idempotency_key_invalid",
                "Idempotency-Key",
                "An Idempotency-Key has 1 to 255 visible ASCII characters.",
            )),
        }
    }
}

/// The header, for the description.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes the header; IdempotencyKey reads it")]
pub(super) struct KeyHeader {
    /// Whoever repeats a request with its key within 24 hours gets the first answer again.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = r"^[\x21-\x7e]+$"
    )]
    key: Option<String>,
}

/// What is asked for, as far as a repetition must be the same.
pub(super) struct Asked<'a> {
    pub(super) endpoint: &'a str,
    pub(super) caller: Option<UserId>,
    pub(super) body: &'a [u8],
    pub(super) secret: bool,
}

/// Does the work, or gives the answer that it had before.
///
/// `work` must pass its [`Once`] on to the command, which keeps the answer together with what it
/// did. Refusals are kept here, except those that say nothing about the request itself. Keyed
/// work runs to its end even if the client goes away, so that whoever asks again finds its answer.
pub(super) async fn once<F>(
    state: &HttpState,
    key: IdempotencyKey,
    asked: Asked<'_>,
    work: impl FnOnce(Once) -> F,
) -> Result<Response, ApiError>
where
    F: Future<Output = Result<KeptAnswer, ApiError>> + Send + 'static,
{
    let Some(key) = key.0 else {
        return work(None).await.map(|answer| respond(answer, false));
    };
    let user = asked.caller;
    let request = Repeatable {
        key: &key,
        caller: user,
        endpoint: asked.endpoint,
        body: asked.body,
        secret: asked.secret,
    };
    let idempotency = state.services.idempotency.clone();
    match idempotency.begin(request).await? {
        Begun::Again(answer) => Ok(respond(answer, true)),
        Begun::Fresh(scope, turn) => {
            let work = work(Some(scope.clone()));
            let done = tokio::spawn(async move {
                let done = work.await;
                if let Err(error) = &done
                    && let Some(answer) = worth_keeping(error)
                    && let Err(error) = idempotency.remember(&scope, &answer, user).await
                {
                    tracing::warn!(%error, "a refusal was not kept for its idempotency key");
                }
                drop(turn);
                done
            });
            let done = done.await.map_err(|_| ApiError::internal())?;
            if let Err(error) = &done
                && error.status() == StatusCode::CONFLICT
                && let Begun::Again(answer) = state.services.idempotency.begin(request).await?
                && answer.status != StatusCode::CONFLICT.as_u16()
            {
                // Another server had the same request at the same moment, and was faster.
                return Ok(respond(answer, true));
            }
            done.map(|answer| respond(answer, false))
        }
    }
}

/// The same for work that is no transaction of its own: the answer is kept after it. If the server
/// ends between the two, whoever repeats the request has it done again, so `work` must stand that.
pub(super) async fn once_after<F>(
    state: &HttpState,
    key: IdempotencyKey,
    asked: Asked<'_>,
    work: F,
) -> Result<Response, ApiError>
where
    F: Future<Output = Result<KeptAnswer, ApiError>> + Send + 'static,
{
    let (idempotency, user) = (state.services.idempotency.clone(), asked.caller);
    once(state, key, asked, |once| async move {
        let answer = work.await?;
        idempotency.keep(once.as_ref(), &answer, user).await?;
        Ok(answer)
    })
    .await
}

/// A request that was refused for its own sake is refused again; what passes by itself (401, 429,
/// 5xx, a lost race) may be tried again.
fn worth_keeping(error: &ApiError) -> Option<KeptAnswer> {
    let status = error.status();
    let passes = status == StatusCode::UNAUTHORIZED
        || status == StatusCode::TOO_MANY_REQUESTS
        || error.code() == "conflict"
        || status.is_server_error();
    (!passes).then(|| KeptAnswer {
        status: status.as_u16(),
        location: None,
        cookie: None,
        body: serde_json::to_string(&error.body()).unwrap_or_default(),
    })
}

fn respond(answer: KeptAnswer, again: bool) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(location) = answer.location.and_then(|l| HeaderValue::from_str(&l).ok()) {
        headers.insert(header::LOCATION, location);
    }
    if let Some(cookie) = answer.cookie.and_then(|c| HeaderValue::from_str(&c).ok()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    if again {
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}
