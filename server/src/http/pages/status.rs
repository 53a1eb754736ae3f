//! `GET /admin/status`

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use siskin_app::written::Written;
use siskin_app::written::status::{PATH, Shown, ShownBackups, ShownStore, content, not_for_you};
use siskin_domain::Role;

use super::{PageState, render};
use crate::application::readiness::{Trouble, is_ready};
use crate::application::status::Status;

/// How the server and its store are, for admins.
pub(super) async fn page(State(state): State<PageState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let caller = match render::caller(&state, &parts.headers).await {
        Err(error) => return render::unavailable(&error),
        Ok(None) => return Redirect::to("/login").into_response(),
        Ok(Some(caller)) => caller,
    };
    let written =
        |title: &str, content| Written { path: PATH.to_owned(), title: title.to_owned(), content };
    let (page, status) = if caller.actor.role < Role::Admin {
        (written("For admins", not_for_you()), StatusCode::FORBIDDEN)
    } else {
        match state.services.status(&caller, false).await {
            Ok(status) => {
                let frame = render::frame(&state, Some(&caller), None);
                (written("Status", content(&shown(status), &frame)), StatusCode::OK)
            }
            Err(_) => return render::plain("Siskin can't tell how it is at the moment."),
        }
    };
    render::written(&state, Some(&caller), parts.headers, page, status).await
}

fn shown(status: Status) -> Shown {
    Shown {
        version: status.version,
        commit: status.commit,
        since: status.since,
        ready: is_ready(&status.troubles),
        reasons: status.troubles.into_iter().map(Trouble::sentence).collect(),
        position: status.position.0,
        streams: status.streams,
        mails: status.mails,
        backups: status.backups.scheduled.then(|| ShownBackups {
            last: status.backups.last.as_ref().map(|last| (last.at, last.bytes)),
            failures: status.backups.failures,
            failing: status.backups.failing,
        }),
        store: status.store.map(|vitals| ShownStore {
            kind: vitals.kind,
            position: vitals.end.0,
            size: vitals.size_bytes,
            wal: vitals.wal_bytes,
            free: vitals.disk_free_bytes,
            waiting: vitals.waiting,
            behind: vitals.projections.iter().map(|one| (one.projection, one.behind)).collect(),
        }),
    }
}
