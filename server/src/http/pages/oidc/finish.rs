//! `/log-in/finish`: who somebody new wants to be. Nobody is linked to an account here because of
//! an e-mail address: whoever has one logs in to it and links there.

use axum::extract::{Request, State};
use axum::response::Response;
use http::{StatusCode, header};
use siskin_app::context::{FormError, SentForm};
use siskin_app::written::finish::{Joining, PATH, content};
use siskin_app::written::{Frame, Written};
use siskin_domain::{DisplayName, Email, FieldError, Role, Username};

use super::{Trouble, ceremony, failed, sorry};
use crate::application::accounts::{NewIdentity, Newcomer};
use crate::application::{NewAccount, NewSession, Refused, Registration, WayIn};
use crate::http::api::error::ApiError;
use crate::http::pages::cookies::{self, Flash};
use crate::http::pages::forms::{Form, noting, told};
use crate::http::pages::{PageState, render};
use crate::storage::UniqueField;

/// What is said of an address that an account has: no more than that.
const LINK_INSTEAD: &str = "This address can't be used for a new account. If you have an account, \
                            log in to it and link the other one there.";

/// The page for somebody who has just come back from a provider.
pub(crate) async fn page(State(state): State<PageState>, request: Request) -> Response {
    let headers = request.into_parts().0.headers;
    let caller = match render::caller(&state, &headers).await {
        Ok(caller) => caller,
        Err(error) => return render::unavailable(&error),
    };
    let key = ceremony(&state, &headers).map(|ceremony| ceremony.key());
    let newcomer = match key {
        Some(key) => match state.services.accounts.newcomer(key).await {
            Ok(newcomer) => newcomer,
            Err(refused) => return failed(&refused),
        },
        None => None,
    };
    let Some(newcomer) = newcomer else {
        return sorry(&state, caller.as_ref(), headers, Trouble::Ended).await;
    };
    let frame = render::frame(&state, caller.as_ref(), Some(told_by_provider(&newcomer)));
    let page = written(&state, &newcomer, &frame);
    render::written(&state, caller.as_ref(), headers, page, StatusCode::OK).await
}

/// Makes the account and signs its owner in.
pub(crate) async fn post(State(state): State<PageState>, form: Form) -> Response {
    let accounts = &state.services.accounts;
    let key = ceremony(&state, &form.headers).map(|ceremony| ceremony.key());
    let newcomer = match key {
        Some(key) => match accounts.newcomer(key).await {
            Ok(newcomer) => newcomer.map(|newcomer| (newcomer, key)),
            Err(refused) => return failed(&refused),
        },
        None => None,
    };
    let Some((newcomer, key)) = newcomer else {
        return sorry(&state, form.caller.as_ref(), form.headers, Trouble::Ended).await;
    };
    let account = match account(&form, &newcomer, key) {
        Ok(account) => account,
        Err(errors) => {
            let (error, errors) = told(errors);
            return again(&state, form, &newcomer, error, errors).await;
        }
    };
    if let Err(refused) = state.services.throttle.sign_up(form.peer).await {
        return again(&state, form, &newcomer, refused.into(), Vec::new()).await;
    }
    let mut new = NewSession::browser(form.client());
    new.replaces = form.caller.as_ref().map(|caller| caller.token);
    let invite = form.filled("invite").map(code).map(str::to_owned);
    let begun = match accounts.register(account, invite.as_deref(), None).await {
        Ok(user) => accounts.start_session(user.id, new).await,
        Err(refused) => Err(refused),
    };
    match begun {
        Ok(session) => {
            let https = state.services.rules.secure_cookies;
            let mut response = form.signed_in(&state, session.secret);
            let lines =
                [cookies::set_flash(Flash::Welcome, https), cookies::set_ceremony(None, https)];
            for line in lines.into_iter().flatten() {
                response.headers_mut().append(header::SET_COOKIE, line);
            }
            response
        }
        Err(refused) => {
            let errors = match &refused {
                Refused::Taken(UniqueField::Email) => {
                    vec![FormError {
                        field: Some("email".to_owned()),
                        message: LINK_INSTEAD.into(),
                    }]
                }
                _ => Vec::new(),
            };
            again(&state, form, &newcomer, refused.into(), errors).await
        }
    }
}

/// Shows the page again with what is wrong.
async fn again(
    state: &PageState,
    form: Form,
    newcomer: &Newcomer,
    error: ApiError,
    errors: Vec<FormError>,
) -> Response {
    form.refuse_written(state, error, errors, |frame| written(state, newcomer, frame)).await
}

/// The code of an invitation, which is the end of its link: people have the whole.
pub(in crate::http::pages) fn code(invite: &str) -> &str {
    invite.trim().rsplit("invite=").next().unwrap_or_default()
}

fn written(state: &PageState, newcomer: &Newcomer, frame: &Frame) -> Written {
    let joining = match state.services.rules.community.registration {
        Registration::Open => Joining::Open,
        Registration::Invite => Joining::Invited,
        Registration::Closed => Joining::Closed,
    };
    Written {
        path: PATH.to_owned(),
        title: "Welcome".to_owned(),
        content: content(&newcomer.provider, joining, frame),
    }
}

/// As if the person had typed it.
fn told_by_provider(newcomer: &Newcomer) -> SentForm {
    let values =
        [("username", &newcomer.username), ("email", &newcomer.email), ("name", &newcomer.name)];
    let values = values
        .into_iter()
        .filter_map(|(field, value)| value.clone().map(|value| (field.to_owned(), value)));
    SentForm { path: String::new(), values: values.collect(), errors: Vec::new() }
}

fn account(form: &Form, newcomer: &Newcomer, key: [u8; 32]) -> Result<NewAccount, Vec<FieldError>> {
    let mut errors = Vec::new();
    let username = noting(&mut errors, Username::parse(form.field("username")));
    let email = noting(&mut errors, Email::parse(form.field("email")));
    let name = match form.filled("name") {
        Some(name) => noting(&mut errors, DisplayName::parse(name)),
        None => None,
    };
    match (username, email) {
        (Some(username), Some(email)) if errors.is_empty() => {
            let way_in = WayIn::Identity(NewIdentity {
                identity: newcomer.identity.clone(),
                label: newcomer.label().to_owned(),
                ceremony: key,
            });
            Ok(NewAccount { username, email, way_in, name, role: Role::User })
        }
        _ => Err(errors),
    }
}
