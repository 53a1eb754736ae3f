//! `POST /settings/invitations` and `POST /settings/invitations/{id}/revoke`.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use siskin_app::context::FormError;
use siskin_app::written::Frame;
use siskin_app::written::invitations::{MyInvitations, PATH};
use siskin_domain::{DisplayName, FieldError};

use super::{Form, noting, told};
use crate::application::{
    Caller, INVITATION_DAYS, INVITATION_USES, InvitationId, NewInvitation, Refused,
};
use crate::http::api::error::ApiError;
use crate::http::pages::cookies::Flash;
use crate::http::pages::{PageState, invitations, render};

/// Makes an invitation. Its link is on the page that answers, and nowhere else.
pub(crate) async fn make(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    let new = match wanted(&form) {
        Ok(new) => new,
        Err(errors) => {
            let (error, errors) = told(errors);
            return again(&state, form, &caller, error, errors).await;
        }
    };
    let made = match state.services.accounts.invite(&caller, new, None).await {
        Ok(made) => made,
        Err(refused) => return again(&state, form, &caller, refused.into(), Vec::new()).await,
    };
    match invitations::mine(&state, &caller).await {
        Ok(mine) => {
            let mine = MyInvitations { made: Some(made.link), ..mine };
            let page = invitations::written(&mine, &render::frame(&state, Some(&caller), None));
            render::written(&state, Some(&caller), form.headers, page, StatusCode::OK).await
        }
        Err(error) => render::unavailable(&error),
    }
}

/// Revokes one of the person's invitations. One that has ended already is no trouble.
pub(crate) async fn revoke(
    State(state): State<PageState>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    let revoked = match id.parse() {
        Ok(id) => state.services.accounts.revoke_invitation(&caller, InvitationId(id)).await,
        Err(_) => Err(Refused::NoSuchInvitation),
    };
    match revoked {
        Ok(()) | Err(Refused::NoSuchInvitation) => {
            form.done_saying(&state, PATH, Flash::InvitationRevoked)
        }
        Err(refused) => again(&state, form, &caller, refused.into(), Vec::new()).await,
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
    match invitations::mine(state, caller).await {
        Ok(mine) => {
            let page = |frame: &Frame| invitations::written(&mine, frame);
            form.refuse_written(state, error, errors, page).await
        }
        Err(error) => render::unavailable(&error),
    }
}

fn wanted(form: &Form) -> Result<NewInvitation, Vec<FieldError>> {
    let mut errors = Vec::new();
    let name = match form.filled("name") {
        Some(name) => noting(&mut errors, DisplayName::parse(name)).map(String::from),
        None => Some(String::new()),
    };
    let uses = form.filled("uses").map_or(Ok(1), |uses| uses.trim().parse());
    let uses = uses.ok().filter(|uses| INVITATION_USES.contains(uses)).ok_or_else(|| {
        let message = "An invitation is for 1 to 100 people.".into();
        FieldError { field: "uses", code: "uses_invalid", message }
    });
    let uses = noting(&mut errors, uses);
    let days = form.field("expires_in_days").parse().ok();
    let days = days.filter(|days| INVITATION_DAYS.contains(days)).ok_or_else(|| {
        let message = "An invitation lasts from 1 to 30 days.".into();
        FieldError { field: "expires_in_days", code: "expires_in_days_invalid", message }
    });
    let days = noting(&mut errors, days);
    match (name, uses, days) {
        (Some(name), Some(uses), Some(lasts_days)) => Ok(NewInvitation { name, uses, lasts_days }),
        _ => Err(errors),
    }
}
