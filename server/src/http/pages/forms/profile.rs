//! `POST /profile`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use siskin_app::context::FormError;
use siskin_domain::user::UserError;
use siskin_domain::{Bio, DisplayName, Email, FieldError, Password, Username};

use super::{Form, noting};
use crate::application::{Changes, Refused};
use crate::http::api::error::ApiError;
use crate::http::pages::PageState;
use crate::http::pages::cookies::Flash;

/// Changes the signed-in person's profile, and their password if a new one was typed.
pub(crate) async fn post(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, "/profile", "/login", Refused::NotSignedIn).await;
    };
    let changes = match changes(&form) {
        Ok(changes) => changes,
        Err(errors) => return form.refuse_fields(&state, "/profile", "/profile", errors).await,
    };
    // Whoever got hold of a session must not guess the password with it.
    let guess = match &changes.password {
        Some(_) => match state.services.throttle.log_in(form.peer, &caller.username).await {
            Ok(guess) => Some(guess),
            Err(refused) => return form.refuse(&state, "/profile", "/profile", refused).await,
        },
        None => None,
    };
    let changed = state.services.accounts.update(&caller, caller.actor.id, changes).await;
    if let Some(guess) = guess
        && !matches!(changed, Err(Refused::WrongCurrentPassword))
    {
        guess.succeeded().await;
    }
    match changed {
        Ok(_) => form.done_saying(&state, "/profile", Flash::ProfileSaved),
        Err(Refused::User(UserError::VersionConflict { current })) => {
            outdated(&state, form, current).await
        }
        Err(refused) => form.refuse(&state, "/profile", "/profile", refused).await,
    }
}

/// The profile was changed since the form was shown. It is shown again with what was typed, and
/// sent once more it counts.
async fn outdated(state: &PageState, mut form: Form, current: u64) -> Response {
    let message = "Your profile was changed elsewhere. Look it over and save again.";
    let error = ApiError::from(Refused::User(UserError::VersionConflict { current }));
    if form.json {
        let mut body = serde_json::json!(error.body());
        (body["message"], body["version"]) = (message.into(), current.into());
        let mut response = (error.status(), Json(body)).into_response();
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        return response;
    }
    for (name, value) in &mut form.fields {
        if name == "version" {
            *value = current.to_string();
        }
    }
    let errors = vec![FormError { field: None, message: message.to_owned() }];
    form.show_again(state, "/profile", "/profile", error, errors).await
}

/// A field that was not sent stays as it is; a bio may be emptied, and an empty password field
/// means that the password stays.
fn changes(form: &Form) -> Result<Changes, Vec<FieldError>> {
    let mut errors = Vec::new();
    let sent =
        |name: &str| form.fields.iter().any(|(key, _)| key == name).then(|| form.field(name));
    let username = sent("username").and_then(|t| noting(&mut errors, Username::parse(t)));
    let email = sent("email").and_then(|t| noting(&mut errors, Email::parse(t)));
    let name = sent("name").and_then(|t| noting(&mut errors, DisplayName::parse(t)));
    let bio = sent("bio").and_then(|t| noting(&mut errors, Bio::parse(t)));
    let password = Some(form.field("password"))
        .filter(|text| !text.is_empty())
        .and_then(|text| noting(&mut errors, Password::parse(text)))
        .map(|new| {
            let current = Some(form.field("current_password")).filter(|text| !text.is_empty());
            (new, current.map(Password::claimed))
        });
    let version = form.field("version").parse().ok();
    if errors.is_empty() {
        Ok(Changes { username, email, name, bio, password, version })
    } else {
        Err(errors)
    }
}
