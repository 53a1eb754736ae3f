//! `/api/v1/passkeys`: the two ceremonies of WebAuthn, each in two requests. Between them the
//! browser asks an authenticator.

pub(super) mod challenge;
pub(super) mod post;
pub(super) mod registration;
pub(super) mod session;

use serde::Serialize;
use utoipa::ToSchema;

use super::body::JsonBody;
use super::error::ApiError;
use crate::application::factors::{Asked, FactorError, PasskeyFault};

/// The largest answer of an authenticator, in bytes of JSON.
const LARGEST: usize = 16 * 1024;

/// What a browser passes on to an authenticator.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct Options {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    /// Its challenge is good for one answer within 5 minutes.
    #[schema(value_type = Object)]
    options: serde_json::Value,
}

impl From<Asked> for Options {
    fn from(asked: Asked) -> Self {
        Self { options: asked.options }
    }
}

/// The authenticator's answer in a body.
pub(super) fn credential(json: &JsonBody) -> Result<Vec<u8>, ApiError> {
    let credential = json.object("credential")?.to_string().into_bytes();
    if credential.len() > LARGEST {
        return Err(FactorError::Passkey(PasskeyFault::Unreadable).into());
    }
    Ok(credential)
}
