//! `GET /api/openapi.json`: the description, made of what the handlers declare.

use std::sync::Arc;

use axum::Extension;
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;
use siskin_domain::wire;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};

use super::docs;
use super::rendered::{IfNoneMatch, Rendered};

/// `{"status": "Success"}`
#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    /// Always `Success`.
    #[schema(example = "Success")]
    status: &'static str,
}

impl Done {
    pub(super) const SUCCESS: Self = Self { status: "Success" };
}

/// The description in both forms, made once at the start.
pub(super) struct Described {
    json: Rendered,
    pub(super) page: Bytes,
}

impl Described {
    pub(super) fn new(description: &utoipa::openapi::OpenApi, stylesheet: Option<&str>) -> Self {
        let json = serde_json::to_value(description).unwrap_or_default();
        Self { json: Rendered::json(&json), page: docs::write(&json, stylesheet).into() }
    }
}

/// The OpenAPI 3.1 description.
pub(super) async fn json(
    Extension(described): Extension<Arc<Described>>,
    known: IfNoneMatch,
) -> Response {
    described.json.answer(&known)
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Siskin",
        description = "A tweet server. Ids are numbers below 2^53, times are RFC 3339 in UTC with \
                       milliseconds, lists come newest first. With and without a slash at the \
                       end, the same address answers. Where several servers share a store, a read \
                       that brings the X-Siskin-Position of a write's answer waits until it \
                       contains that write, two seconds at most.",
        license(name = "AGPL-3.0-or-later", identifier = "AGPL-3.0-or-later"),
    ),
    components(schemas(wire::ErrorBody)),
    modifiers(&Ways),
    tags(
        (name = "info", description = "What there is."),
        (name = "users", description = "People."),
        (name = "invitations", description = "Ways in, where joining needs one."),
        (name = "tokens", description = "Tokens for programs."),
        (name = "sessions", description = "One's own browsers and tokens."),
        (name = "factors", description = "What one logs in with, beside the password."),
        (name = "mail", description = "What is proved by links in mails."),
        (name = "tweets", description = "What people say."),
        (name = "moderation", description = "Reports, and what moderators do. A token needs the scope admin."),
        (name = "admin", description = "How the server is. A token needs the scope admin."),
    )
)]
struct Base;

/// The two ways to say who one is.
struct Ways;

impl Modify for Ways {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_with(Default::default);
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token of POST /api/v1/tokens."))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description(
            "siskin_session",
            "A browser's session; writes from this site's own pages only. Under https its name \
             begins with __Host-.",
        );
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// The description without paths: the handlers bring those.
pub(super) fn base() -> utoipa::openapi::OpenApi {
    let mut base = Base::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut base.info.version);
    base
}
