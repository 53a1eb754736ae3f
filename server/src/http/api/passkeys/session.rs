//! `POST /api/v1/passkeys/session`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, header};
use utoipa::ToSchema;

use super::credential;
use crate::application::{NewSession, caller_cookie_name};
use crate::http::api::address::Origin;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::openapi::Done;
use crate::http::api::problems::LoggingInByPasskey;
use crate::http::pages::cookies;
use crate::http::state::HttpState;
use crate::http::{cookie, csrf};

/// A passkey that an authenticator has shown.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct ShownPasskey {
    /// The authenticator's answer as `PublicKeyCredential.toJSON` gives it, at most 16 KiB.
    #[schema(value_type = Object)]
    credential: serde_json::Value,
}

/// Signs a browser in by passkey, as the answer to a challenge. A passkey is both factors: neither
/// password nor code is asked for.
#[utoipa::path(
    post,
    path = "/api/v1/passkeys/session",
    tag = "factors",
    request_body = ShownPasskey,
    responses(
        (status = 200, description = "Signed in.", body = Done, headers(("Set-Cookie" = String))),
        LoggingInByPasskey,
    )
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    Origin(client): Origin,
    headers: HeaderMap,
    json: JsonBody,
) -> Result<Response, ApiError> {
    // It gives a cookie, so the page must be ours, whoever its reader is now.
    csrf::same_origin(&headers, &state.services.rules)?;
    let credential = credential(&json)?;
    let before = cookie::caller(&headers, &state.services).await?;
    let replaces = before.map(|caller| caller.token);
    let new = NewSession { replaces, ..NewSession::browser(client) };
    let session = state.services.factors.log_in_by_passkey(&credential, new).await?;
    let https = state.services.rules.secure_cookies;
    let mut response = Json(Done::SUCCESS).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(line) = cookies::set_session(caller_cookie_name(https), session.secret, https) {
        headers.append(header::SET_COOKIE, line);
    }
    Ok(response)
}
