//! `GET /api/v1/admin/status`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::Serialize;
use siskin_domain::Timestamp;
use utoipa::ToSchema;

use crate::application::Caller;
use crate::application::readiness::{Trouble, is_ready};
use crate::application::status::{BackupStatus, Status};
use crate::http::api::error::ApiError;
use crate::http::api::problems::Owning;
use crate::http::state::HttpState;
use crate::storage::Vitals;

/// How this server and its store are.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct StatusView {
    /// The version.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// The commit that it was built from; `unknown` if nobody said.
    #[schema(example = "0123456789ab")]
    commit: &'static str,
    /// Since when this process serves.
    #[schema(value_type = String, format = "date-time")]
    since: Timestamp,
    /// Would `/readyz` say that it is?
    ready: bool,
    /// What is wrong; empty if all is well. A server that can read but not write is ready.
    #[schema(example = json!(["the disk is full"]))]
    reasons: Vec<&'static str>,
    /// The newest event that this process knows of.
    position: u64,
    /// The store; none if it does not answer.
    store: Option<StoreView>,
    /// How many streams of live events are open here.
    streams: usize,
    /// How many mails wait to be sent; none if this server sends no mail.
    mails_waiting: Option<usize>,
    /// The backups that this server makes by itself.
    backups: BackupView,
}

/// The backups that a server makes by itself.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct BackupView {
    /// Does it make any?
    scheduled: bool,
    /// When the newest one was begun: it holds all that was acknowledged before.
    #[schema(value_type = Option<String>, format = "date-time")]
    last_at: Option<Timestamp>,
    /// How large it is.
    last_bytes: Option<u64>,
    /// The position of its last event.
    last_position: Option<u64>,
    /// How many have failed since the start.
    failures: u64,
    /// Did the last attempt fail? Why is in the log.
    failing: bool,
}

/// How the store is.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct StoreView {
    /// `sqlite` or `mongodb`.
    #[schema(example = "sqlite")]
    kind: &'static str,
    /// The position of the newest event, whichever server committed it.
    position: u64,
    /// The size of the database, if it is told.
    size_bytes: Option<u64>,
    /// The size of the write-ahead log, if there is one.
    wal_bytes: Option<u64>,
    /// What is free on its disk, if it is told.
    disk_free_bytes: Option<u64>,
    /// Writes that wait for the next commit here.
    writes_waiting: u64,
    /// What follows the log.
    projections: Vec<ProjectionView>,
}

/// What follows the log.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct ProjectionView {
    /// Its name; `live` is what this server tells its readers and streams.
    #[schema(example = "live")]
    name: &'static str,
    /// So many events it has not seen yet.
    behind: u64,
}

/// How this server and its store are. For admins.
#[utoipa::path(
    get,
    path = "/api/v1/admin/status",
    tag = "admin",
    responses((status = 200, description = "How it is now.", body = StatusView), Owning),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn get(
    State(state): State<HttpState>,
    caller: Caller,
) -> Result<Response, ApiError> {
    let stopping = *state.stopping.borrow();
    let status = state.services.status(&caller, stopping).await?;
    let mut response = axum::Json(view(status)).into_response();
    // It is never the same twice.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn view(status: Status) -> StatusView {
    StatusView {
        version: status.version,
        commit: status.commit,
        since: status.since,
        ready: is_ready(&status.troubles),
        reasons: status.troubles.into_iter().map(Trouble::sentence).collect(),
        position: status.position.0,
        store: status.store.map(store),
        streams: status.streams,
        mails_waiting: status.mails,
        backups: backups(status.backups),
    }
}

fn backups(status: BackupStatus) -> BackupView {
    let last = status.last.as_ref();
    BackupView {
        scheduled: status.scheduled,
        last_at: last.map(|last| last.at),
        last_bytes: last.map(|last| last.bytes),
        last_position: last.map(|last| last.position.0),
        failures: status.failures,
        failing: status.failing,
    }
}

fn store(vitals: Vitals) -> StoreView {
    let projections = vitals.projections.into_iter();
    StoreView {
        kind: vitals.kind,
        position: vitals.end.0,
        size_bytes: vitals.size_bytes,
        wal_bytes: vitals.wal_bytes,
        disk_free_bytes: vitals.disk_free_bytes,
        writes_waiting: vitals.waiting,
        projections: projections
            .map(|one| ProjectionView { name: one.projection, behind: one.behind })
            .collect(),
    }
}
