//! `POST /settings/sessions/{id}/end`, `POST /settings/sessions/end-others` and
//! `POST /settings/tokens`.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use siskin_app::context::FormError;
use siskin_app::written::Frame;
use siskin_app::written::sessions::{MySessions, PATH, TOKENS_PATH};
use siskin_domain::{DisplayName, FieldError};

use super::{Form, noting, told};
use crate::application::{Caller, NewSession, Refused, TOKEN_DAYS};
use crate::http::api::error::ApiError;
use crate::http::pages::cookies::Flash;
use crate::http::pages::{PageState, render, sessions};
use crate::storage::{Scopes, SessionId};

/// Ends one of the person's sessions. One that has ended already is no trouble.
pub(crate) async fn end(
    State(state): State<PageState>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    let ended = match id.parse() {
        Ok(id) => state.services.accounts.end_session(&caller, SessionId(id)).await,
        Err(_) => Err(Refused::NoSuchSession),
    };
    match ended {
        Ok(()) | Err(Refused::NoSuchSession) => form.done_saying(&state, PATH, Flash::SessionEnded),
        Err(refused) => again(&state, form, &caller, refused.into(), Vec::new()).await,
    }
}

/// Ends all of the person's sessions but this browser's.
pub(crate) async fn end_others(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    match state.services.accounts.end_other_sessions(&caller).await {
        Ok(()) => form.done_saying(&state, PATH, Flash::OthersEnded),
        Err(refused) => again(&state, form, &caller, refused.into(), Vec::new()).await,
    }
}

/// Makes a token. Its secret is on the page that answers, and nowhere else.
pub(crate) async fn make_token(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, TOKENS_PATH, "/login", Refused::NotSignedIn).await;
    };
    let new = match wanted(&form) {
        Ok(new) => new,
        Err(errors) => {
            let (error, errors) = told(errors);
            return again(&state, form, &caller, error, errors).await;
        }
    };
    let made = match state.services.accounts.make_token(&caller, new).await {
        Ok(made) => made,
        Err(refused) => return again(&state, form, &caller, refused.into(), Vec::new()).await,
    };
    match sessions::mine(&state, &caller).await {
        Ok(mine) => {
            let mine = MySessions { made: Some(made.secret), ..mine };
            let page = sessions::written(&mine, &render::frame(&state, Some(&caller), None));
            render::written(&state, Some(&caller), form.headers, page, StatusCode::OK).await
        }
        Err(error) => render::unavailable(&error),
    }
}

/// Shows the page again with what is wrong.
async fn again(
    state: &PageState,
    form: Form,
    caller: &Caller,
    error: ApiError,
    errors: Vec<FormError>,
) -> Response {
    match sessions::mine(state, caller).await {
        Ok(mine) => {
            let page = |frame: &Frame| sessions::written(&mine, frame);
            form.refuse_written(state, error, errors, page).await
        }
        Err(error) => render::unavailable(&error),
    }
}

fn wanted(form: &Form) -> Result<NewSession, Vec<FieldError>> {
    let mut errors = Vec::new();
    let name = noting(&mut errors, DisplayName::parse(form.field("name")));
    let scopes: Vec<&str> = form
        .fields
        .iter()
        .filter(|(key, _)| key == "scopes")
        .map(|(_, value)| value.as_str())
        .collect();
    let scopes = Some(scopes).filter(|scopes| !scopes.is_empty()).and_then(Scopes::named);
    let scopes = scopes.ok_or_else(|| {
        let message = "Choose at least one thing that it may do.".into();
        FieldError { field: "scopes", code: "scopes_invalid", message }
    });
    let scopes = noting(&mut errors, scopes);
    let days = form.field("expires_in_days").parse().ok().filter(|days| TOKEN_DAYS.contains(days));
    let days = days.ok_or_else(|| {
        let message = "A token lasts from 1 to 3650 days.".into();
        FieldError { field: "expires_in_days", code: "expires_in_days_invalid", message }
    });
    let days = noting(&mut errors, days);
    match (name, scopes, days) {
        (Some(name), Some(scopes), Some(lasts_days)) => {
            let token = NewSession::token(name.into(), form.client());
            Ok(NewSession { scopes, lasts_days, ..token })
        }
        _ => Err(errors),
    }
}
