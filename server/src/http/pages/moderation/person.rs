//! `GET` and `POST /moderation/people/{username}`

use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use siskin_app::written::moderation::person::{Person, content};
use siskin_app::written::{Frame, Written};
use siskin_domain::user::UserError;
use siskin_domain::{Role, Username};

use super::{Wish, act, in_force, moderator, trouble};
use crate::application::{Caller, Refused, moderation};
use crate::http::api::error::ApiError;
use crate::http::pages::cookies::Flash;
use crate::http::pages::forms::Form;
use crate::http::pages::{PageState, render};

/// What moderators see of a person.
pub(crate) async fn get(
    State(state): State<PageState>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let headers = request.into_parts().0.headers;
    let caller = match moderator(&state, &headers, &path(&name)).await {
        Ok(caller) => caller,
        Err(response) => return response,
    };
    match find(&state, &caller, &name).await {
        Ok(person) => {
            let page = written(person, &render::frame(&state, Some(&caller), None));
            render::written(&state, Some(&caller), headers, page, StatusCode::OK).await
        }
        Err(error) => trouble(&state, &caller, headers, error).await,
    }
}

/// Does something about them.
pub(crate) async fn post(
    State(state): State<PageState>,
    Path(name): Path<String>,
    form: Form,
) -> Response {
    let Some(caller) = form.caller().cloned() else {
        return form.refuse_visitor(&state).await;
    };
    let person = match find(&state, &caller, &name).await {
        Ok(person) => person,
        Err(error) => return form.refuse_elsewhere(&state, path(&name), error).await,
    };
    match act_on(&state, &caller, &person, &form).await {
        Ok(()) => form.done_saying(&state, &path(&name), Flash::Moderated),
        Err(refused) => {
            let page = |frame: &Frame| written(person, frame);
            form.refuse_written(&state, refused.into(), Vec::new(), page).await
        }
    }
}

async fn act_on(
    state: &PageState,
    caller: &Caller,
    person: &moderation::Person,
    form: &Form,
) -> Result<(), Refused> {
    let (moderation, user) = (&state.services.moderation, person.user.id);
    match Wish::named(form.field("act")) {
        Some(Wish::Impose(measure)) => {
            moderation.impose(Some(caller), user, measure, form.reason()?).await
        }
        Some(Wish::Lift(measure)) => {
            moderation.lift(Some(caller), user, measure, form.reason()?).await
        }
        Some(Wish::Resolve | Wish::Hide | Wish::Unhide) | None => Err(super::no_wish().into()),
    }
}

async fn find(
    state: &PageState,
    caller: &Caller,
    name: &str,
) -> Result<moderation::Person, ApiError> {
    let name = Username::parse(name).map_err(|_| ApiError::from(UserError::NotFound))?;
    let found = state.services.moderation.person(caller, &name).await?;
    found.ok_or_else(|| UserError::NotFound.into())
}

fn path(name: &str) -> String {
    match Username::parse(name) {
        Ok(name) => format!("/moderation/people/{name}"),
        Err(_) => "/moderation".to_owned(),
    }
}

fn written(person: moderation::Person, frame: &Frame) -> Written {
    let user = person.user;
    let shown = Person {
        measures: in_force(&person.record),
        role: user.role.map_or("", Role::as_str),
        tweets: user.tweets_count,
        name: user.name,
        username: user.username,
        history: person.history.into_iter().map(act).collect(),
    };
    Written {
        path: path(&shown.username),
        title: format!("{} (@{})", shown.name, shown.username),
        content: content(&shown, frame),
    }
}
