//! `/settings/identities`: the accounts somewhere else that a person logs in with, and a first
//! password for who has none.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use siskin_app::context::FormError;
use siskin_app::written::identities::{Linked, MyIdentities, PATH, content};
use siskin_app::written::{Frame, Written};
use siskin_domain::Password;

use super::sorry;
use super::start::{NotBegun, begin, lead_on};
use crate::application::accounts::OwnIdentity;
use crate::application::{Caller, Changes, Refused};
use crate::http::api::error::ApiError;
use crate::http::pages::cookies::Flash;
use crate::http::pages::forms::{Form, told};
use crate::http::pages::{PageState, render};
use crate::storage::StoreError;

/// The page, for somebody who is signed in.
pub(crate) async fn page(State(state): State<PageState>, request: Request) -> Response {
    let headers = request.into_parts().0.headers;
    let caller = match render::caller(&state, &headers).await {
        Err(error) => return render::unavailable(&error),
        Ok(None) => return Redirect::to("/login").into_response(),
        Ok(Some(caller)) => caller,
    };
    match mine(&state, &caller).await {
        Ok(mine) => {
            let page = written(&mine, &render::frame(&state, Some(&caller), None));
            render::written(&state, Some(&caller), headers, page, StatusCode::OK).await
        }
        Err(error) => render::unavailable(&error),
    }
}

/// Sends the person to a provider, to link what they come back with.
pub(crate) async fn link(
    State(state): State<PageState>,
    Path(provider): Path<String>,
    form: Form,
) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    if let Err(refused) = confirmed(&state, &form, &caller).await {
        return again(&state, form, &caller, refused.into(), Vec::new()).await;
    }
    match begin(&state, &provider, Some(caller.actor.id)).await {
        Ok(begun) => lead_on(&state, &form, begun),
        Err(NotBegun::Trouble(trouble)) => {
            sorry(&state, Some(&caller), form.headers, trouble).await
        }
        Err(NotBegun::Refused(refused)) => {
            again(&state, form, &caller, refused.into(), Vec::new()).await
        }
    }
}

/// The password, if there is one: and nobody may guess it here either.
async fn confirmed(state: &PageState, form: &Form, caller: &Caller) -> Result<(), Refused> {
    let services = &state.services;
    services.throttle.way(form.peer).await?;
    let guess = services.throttle.log_in(form.peer, &caller.username).await?;
    let password = Some(form.field("current_password")).filter(|text| !text.is_empty());
    let password = password.map(Password::claimed);
    let confirmed = services.accounts.confirm(caller, password.as_ref()).await;
    if !matches!(confirmed, Err(Refused::WrongCurrentPassword)) {
        guess.succeeded().await;
    }
    confirmed
}

/// Unlinks an account. One that is not linked any more is no trouble.
pub(crate) async fn unlink(
    State(state): State<PageState>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    let usable = |issuer: &str| state.providers.of_issuer(issuer).is_some();
    match state.services.accounts.unlink(&caller, &id, usable).await {
        Ok(()) => form.done_saying(&state, PATH, Flash::Unlinked),
        Err(refused) => again(&state, form, &caller, refused.into(), Vec::new()).await,
    }
}

/// Sets a first password. Who has one changes it in the profile, where the old one is asked for.
pub(crate) async fn set_password(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, PATH, "/login", Refused::NotSignedIn).await;
    };
    let password = match Password::parse(form.field("password")) {
        Ok(password) => password,
        Err(error) => {
            let (error, errors) = told(vec![error]);
            return again(&state, form, &caller, error, errors).await;
        }
    };
    let changes = Changes { password: Some((password, None)), ..Changes::default() };
    match state.services.accounts.update(&caller, caller.actor.id, changes).await {
        Ok(_) => form.done_saying(&state, PATH, Flash::PasswordSet),
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
    match mine(state, caller).await {
        Ok(mine) => form.refuse_written(state, error, errors, |frame| written(&mine, frame)).await,
        Err(error) => render::unavailable(&error),
    }
}

fn written(mine: &MyIdentities, frame: &Frame) -> Written {
    Written {
        path: PATH.to_owned(),
        title: "Ways to log in".to_owned(),
        content: content(mine, frame),
    }
}

async fn mine(state: &PageState, caller: &Caller) -> Result<MyIdentities, StoreError> {
    let mine = state.services.accounts.identities(caller).await?;
    let shown = |one: OwnIdentity| Linked {
        id: one.id,
        provider: state
            .providers
            .of_issuer(&one.issuer)
            .map_or(one.issuer.clone(), |provider| provider.label().to_owned()),
        label: one.label,
        linked_at: one.linked_at,
        used_at: one.used_at,
    };
    Ok(MyIdentities {
        linked: mine.list.into_iter().map(shown).collect(),
        providers: state.ways.0.to_vec(),
        has_password: mine.has_password,
    })
}
