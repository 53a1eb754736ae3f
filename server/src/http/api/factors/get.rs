//! `GET /api/v1/factors`

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use siskin_domain::Timestamp;
use utoipa::ToSchema;

use crate::application::Caller;
use crate::application::factors::OwnPasskey;
use crate::http::api::error::ApiError;
use crate::http::api::problems::Owning;
use crate::http::api::rendered::{IfNoneMatch, KnownHeader, Rendered};
use crate::http::state::HttpState;

/// One of one's own passkeys. The key itself stays with whoever made it.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct PasskeyView {
    /// What tells it from the others.
    #[schema(min_length = 43, max_length = 43)]
    id: String,
    /// What its owner calls it.
    #[schema(example = "my phone")]
    name: String,
    /// When it was registered.
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// When it was last used.
    #[schema(value_type = Option<String>, format = "date-time")]
    last_used_at: Option<Timestamp>,
}

/// What one logs in with, beside the password.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct Factors {
    /// Since when a code of an authenticator app is needed at a log-in.
    #[schema(value_type = Option<String>, format = "date-time")]
    authenticator_app_since: Option<Timestamp>,
    /// How many recovery codes are left.
    #[schema(maximum = 10)]
    recovery_codes_left: usize,
    /// At most 20, the oldest first.
    #[schema(max_items = 20)]
    passkeys: Vec<PasskeyView>,
}

impl From<OwnPasskey> for PasskeyView {
    fn from(passkey: OwnPasskey) -> Self {
        let OwnPasskey { id, name, created_at, used_at } = passkey;
        Self { id, name, created_at, last_used_at: used_at }
    }
}

/// One's own second factors and passkeys.
#[utoipa::path(
    get,
    path = "/api/v1/factors",
    tag = "factors",
    params(KnownHeader),
    responses(
        (status = 200, description = "What there is.", body = Factors,
            headers(("ETag" = String))),
        (status = 304, description = "As `If-None-Match` says."),
        Owning,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn get(
    State(state): State<HttpState>,
    caller: Caller,
    known: IfNoneMatch,
) -> Result<Response, ApiError> {
    let own = state.services.factors.own(&caller).await?;
    let factors = Factors {
        authenticator_app_since: own.app_since,
        recovery_codes_left: own.recovery_codes,
        passkeys: own.passkeys.into_iter().map(PasskeyView::from).collect(),
    };
    Ok(Rendered::json(&factors).by_caller().answer(&known))
}
