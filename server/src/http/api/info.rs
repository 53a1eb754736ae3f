//! `GET /api/v1/info`: which versions there are, and who may read and join.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::problems::Reading;
use super::rendered::{IfNoneMatch, KnownHeader, Rendered};
use crate::http::state::HttpState;

/// What the server is.
#[derive(Serialize, ToSchema)]
pub(super) struct Info {
    api_version: [ApiVersion; 2],
    software: Software,
    /// May one read without being signed in?
    public: bool,
    /// How one becomes a member.
    #[schema(pattern = "^(open|invite|closed)$", example = "open")]
    registration: &'static str,
}

/// A version of the API, as the book lists it.
#[derive(Serialize, ToSchema)]
struct ApiVersion {
    #[schema(example = "v2")]
    version: &'static str,
    #[schema(example = "2017-02-11 10:00:00")]
    buildtime: &'static str,
    #[schema(example = "/api/v2/tweets")]
    links: &'static str,
    #[schema(example = "get, post, delete")]
    methods: &'static str,
}

/// The program behind it.
#[derive(Serialize, ToSchema)]
struct Software {
    #[schema(example = "siskin")]
    name: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
}

const VERSIONS: [ApiVersion; 2] = [
    ApiVersion {
        version: "v1",
        buildtime: "2017-01-01 10:00:00",
        links: "/api/v1/users",
        methods: "get, post, put, delete",
    },
    ApiVersion {
        version: "v2",
        buildtime: "2017-02-11 10:00:00",
        links: "/api/v2/tweets",
        methods: "get, post, delete",
    },
];

/// Which versions of the API there are, and who may read and join.
#[utoipa::path(
    get,
    path = "/api/v1/info",
    tag = "info",
    params(KnownHeader),
    responses(
        (status = 200, description = "The versions.", body = Info, headers(("ETag" = String))),
        (status = 304, description = "As `If-None-Match` says."),
        Reading,
    )
)]
pub(super) async fn get(State(state): State<HttpState>, known: IfNoneMatch) -> Response {
    let community = state.services.rules.community;
    let info = Info {
        api_version: VERSIONS,
        software: Software { name: "siskin", version: env!("CARGO_PKG_VERSION") },
        public: community.public,
        registration: community.registration.as_str(),
    };
    Rendered::json(&info).answer(&known)
}
