//! `GET /api/v1/users/{id}/archive`

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;

use crate::application::Refused;
use crate::application::own_data::Archive;
use crate::http::api::address::UserPath;
use crate::http::api::auth::EvenSuspended;
use crate::http::api::error::ApiError;
use crate::http::api::problems::Archiving;
use crate::http::state::HttpState;

/// Everything of one's own: a zip with `data.json` and `index.html`.
///
/// For the person themselves alone. It is written while it is sent: if it can't be finished, the
/// connection breaks off.
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}/archive",
    tag = "users",
    params(("id" = u64, Path, minimum = 1, maximum = 9007199254740991u64)),
    responses(
        (status = 200, description = "The archive.", content_type = "application/zip",
            body = String, headers(("Content-Disposition" = String))),
        Archiving,
    ),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn archive(
    State(state): State<HttpState>,
    EvenSuspended(caller): EvenSuspended,
    UserPath(id): UserPath,
) -> Result<Response, ApiError> {
    if id != caller.actor.id {
        return Err(Refused::NotOneself.into());
    }
    Ok(download(state.services.own_data.begin(&caller).await?))
}

/// An archive, for a browser to keep.
pub(in crate::http) fn download(archive: Archive) -> Response {
    let disposition = format!("attachment; filename=\"{}\"", archive.file_name);
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(archive.chunks)).into_response()
}
