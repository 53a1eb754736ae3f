//! `GET /log-in/with/{provider}/callback`: back.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{HeaderValue, header};
use serde::Deserialize;
use siskin_app::written::finish::PATH as FINISH;
use siskin_app::written::identities::PATH as SETTINGS;
use siskin_domain::UserId;

use super::{Trouble, ceremony, label, note, sorry};
use crate::application::accounts::{Newcomer, Step};
use crate::application::{Caller, LoggedIn, NewSession, Refused, caller_cookie_name};
use crate::http::client;
use crate::http::device::client_of;
use crate::http::pages::cookies::{self, Flash};
use crate::http::pages::{PageState, render, way_back};
use crate::oidc::{Arrival, Ceremony, OidcError, Provider};

/// The longest code that is given in, in bytes.
const LONGEST_CODE: usize = 4096;

/// What a provider sends a person back with.
#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Reads the query only, for [`crate::fuzzing`].
pub(in crate::http::pages) fn read(uri: &http::Uri) {
    let _ = Query::<Back>::try_from_uri(uri);
}

/// How a way ends.
enum End {
    SignedIn(LoggedIn),
    Linked,
    /// Somebody new, who is asked for a name next; and what finds them.
    New(Ceremony),
    /// The person changed their mind.
    Cancelled,
}

/// How it ends badly.
enum Failed {
    Trouble(Trouble),
    Refused(Refused),
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::IdentityTaken => Self::Trouble(Trouble::Taken),
            refused => Self::Refused(refused),
        }
    }
}

/// Takes a person back: signs them in, links, or asks who they want to be.
pub(crate) async fn get(
    State(state): State<PageState>,
    Path(name): Path<String>,
    back: Result<Query<Back>, QueryRejection>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let caller = match render::caller(&state, &parts.headers).await {
        Ok(caller) => caller,
        Err(error) => return render::unavailable(&error),
    };
    let end = match back {
        Ok(Query(back)) => arrive(&state, &name, &parts, caller.as_ref(), back).await,
        Err(_) => Err(Failed::Trouble(Trouble::Ended)),
    };
    let https = state.services.rules.secure_cookies;
    let home = if caller.is_some() { SETTINGS } else { "/login" };
    let (mut way, mut to_forget) = (None, None);
    let (to, line) = match end {
        Ok(End::SignedIn(session)) => {
            to_forget = way_back::clear(https);
            let home = way_back::of(&parts.headers).unwrap_or_else(|| "/".to_owned());
            (home, cookies::set_session(caller_cookie_name(https), session.secret, https))
        }
        Ok(End::New(ceremony)) => {
            way = Some(ceremony.cookie());
            (FINISH.to_owned(), None)
        }
        Ok(End::Linked) => (SETTINGS.to_owned(), cookies::set_flash(Flash::Linked, https)),
        Ok(End::Cancelled) => (home.to_owned(), cookies::set_flash(Flash::Cancelled, https)),
        Err(Failed::Refused(refused)) => return super::failed(&refused),
        Err(Failed::Trouble(trouble)) => {
            return sorry(&state, caller.as_ref(), parts.headers, trouble).await;
        }
    };
    let mut response = Redirect::to(&to).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for line in [line, to_forget, cookies::set_ceremony(way, https)].into_iter().flatten() {
        headers.append(header::SET_COOKIE, line);
    }
    response
}

async fn arrive(
    state: &PageState,
    name: &str,
    parts: &Parts,
    caller: Option<&Caller>,
    back: Back,
) -> Result<End, Failed> {
    const ENDED: Failed = Failed::Trouble(Trouble::Ended);
    // Only the browser that went, with what the provider was given for it, and only once.
    let ceremony = ceremony(state, &parts.headers).ok_or(ENDED)?;
    if back.state != ceremony.state() {
        return Err(ENDED);
    }
    let taken = state.services.accounts.take_step(ceremony.key()).await?;
    let Some((Step::Away { provider: went_to }, user)) = taken else { return Err(ENDED) };
    let provider = state.providers.get(name).filter(|_| went_to == name).ok_or(ENDED)?;
    let trouble = |error: OidcError| {
        note(name, &error);
        Failed::Trouble(Trouble::from(&error))
    };
    provider.check_sender(back.iss.as_deref()).await.map_err(trouble)?;
    let code = match (back.error.as_deref(), back.code) {
        (Some("access_denied"), _) => return Ok(End::Cancelled),
        (None, Some(code)) if code.len() <= LONGEST_CODE => code,
        (error, _) => {
            let error = error.map_or("no code", |error| error.get(..64).unwrap_or(error));
            tracing::warn!(provider = name, ?error, "an OpenID provider let nobody in");
            return Err(Failed::Trouble(Trouble::Refused));
        }
    };
    let arrival = provider.arrive(&ceremony, code).await.map_err(trouble)?;
    match user {
        Some(user) => link(state, caller, user, provider, &arrival).await,
        None => sign_in(state, parts, caller, provider, &arrival).await,
    }
}

/// Links for who began it, if they are still who is signed in here.
async fn link(
    state: &PageState,
    caller: Option<&Caller>,
    user: UserId,
    provider: &Provider,
    arrival: &Arrival,
) -> Result<End, Failed> {
    let caller = caller.filter(|caller| caller.actor.id == user);
    let caller = caller.ok_or(Failed::Trouble(Trouble::Ended))?;
    let label = label(&provider.describe(arrival).await);
    state.services.accounts.link(caller, &arrival.identity, &label).await?;
    Ok(End::Linked)
}

async fn sign_in(
    state: &PageState,
    parts: &Parts,
    caller: Option<&Caller>,
    provider: &Provider,
    arrival: &Arrival,
) -> Result<End, Failed> {
    let peer = client::address(parts, &state.services.rules);
    let mut new = NewSession::browser(client_of(&parts.headers, peer));
    new.replaces = caller.map(|caller| caller.token);
    let accounts = &state.services.accounts;
    if let Some(session) = accounts.log_in_with(&arrival.identity, new).await? {
        return Ok(End::SignedIn(session));
    }
    let claims = provider.describe(arrival).await;
    let newcomer = Newcomer {
        provider: provider.label().to_owned(),
        identity: arrival.identity.clone(),
        email: claims.email,
        name: claims.name,
        username: claims.username,
    };
    let ceremony = Ceremony::new(&*state.services.entropy);
    accounts.note_step(ceremony.key(), None, &Step::New(newcomer.within_limits())).await?;
    Ok(End::New(ceremony))
}
