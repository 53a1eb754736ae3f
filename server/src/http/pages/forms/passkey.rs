//! `POST /settings/security/passkeys/{id}/remove`.

use axum::extract::{Path, State};
use axum::response::Response;
use siskin_app::written::security::PATH;

use super::Form;
use super::app::{again, confirmed};
use crate::application::Refused;
use crate::application::factors::FactorError;
use crate::http::pages::cookies::Flash;
use crate::http::pages::{PageState, render, security};

/// Removes a passkey. One that is gone already is no trouble.
pub(crate) async fn remove(
    State(state): State<PageState>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    let usable = |issuer: &str| state.providers.of_issuer(issuer).is_some();
    let confirmed = confirmed(&form, &caller);
    let refused = match state.services.factors.remove_passkey(confirmed, &id, usable).await {
        Ok(()) | Err(Refused::Factor(FactorError::NoSuchPasskey)) => {
            return form.done_saying(&state, PATH, Flash::PasskeyRemoved);
        }
        Err(refused) => refused,
    };
    match security::passkey(&state, &caller, &id).await {
        Ok(Some(passkey)) => {
            again(&state, form, refused, |frame, has| security::remove_one(&passkey, frame, has))
                .await
        }
        Ok(None) => form.done_saying(&state, PATH, Flash::PasskeyRemoved),
        Err(error) => render::unavailable(&error),
    }
}
