//! Logging in with an account somewhere else: away, back, and what is left to ask.

pub(super) mod callback;
pub(super) mod finish;
pub(super) mod identities;
pub(super) mod start;

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use siskin_app::written::identities::{PATH as SETTINGS, Way, Ways};
use siskin_app::written::{Written, finish as page};

use super::{PageState, cookies, render};
use crate::application::{Caller, Refused};
use crate::oidc::{Ceremony, Claims, OidcError, Provider, Providers};

/// Why somebody does not get there or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// There is no such provider.
    Unknown,
    /// It can't be reached.
    Away,
    /// The person does not come from where this browser went, or comes too late, or again.
    Ended,
    /// The provider did not let them in, or is not to be believed.
    Refused,
    /// The account there is linked to somebody else here.
    Taken,
}

impl Trouble {
    const fn status(self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Away => StatusCode::SERVICE_UNAVAILABLE,
            Self::Ended | Self::Refused => StatusCode::BAD_REQUEST,
            Self::Taken => StatusCode::CONFLICT,
        }
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unknown => ("Not found", "This server does not know that way to log in."),
            Self::Away => (
                "Not now",
                "The other site can't be reached at the moment. Please try again in a minute, or log in another way.",
            ),
            Self::Ended => (
                "Please begin again",
                "This log-in has ended: it took too long, was used before, or was begun in another browser.",
            ),
            Self::Refused => (
                "That did not work",
                "The other site did not log you in, so nothing was changed here. Please try again.",
            ),
            Self::Taken => (
                "That account is taken",
                "It is linked to another account here. Log in with it there, and unlink it first.",
            ),
        }
    }
}

impl From<&OidcError> for Trouble {
    fn from(error: &OidcError) -> Self {
        match error {
            OidcError::Unreachable(_) => Self::Away,
            OidcError::CodeRefused(_) | OidcError::Untrusted(_) => Self::Refused,
        }
    }
}

/// A page that says so, and leads back to where the person came from.
async fn sorry(
    state: &PageState,
    caller: Option<&Caller>,
    headers: HeaderMap,
    trouble: Trouble,
) -> Response {
    let (title, sentence) = trouble.words();
    let back = if caller.is_some() { SETTINGS } else { "/login" };
    let written = Written {
        // A reload asks for a page that there is: the way itself can't be gone again.
        path: "/log-in/finish".to_owned(),
        title: title.to_owned(),
        content: page::trouble(title, sentence, back),
    };
    render::written(state, caller, headers, written, trouble.status()).await
}

/// The application could not.
fn failed(refused: &Refused) -> Response {
    tracing::error!(error = %refused, "a log-in with an OpenID provider failed");
    render::plain("Siskin can't reach its data at the moment. Please try again in a minute.")
}

/// What a person knows their account somewhere else by.
fn label(claims: &Claims) -> String {
    let known_by = claims.email.clone().or_else(|| claims.username.clone());
    known_by.or_else(|| claims.name.clone()).unwrap_or_default()
}

/// What the log shows of a provider's trouble: neither codes nor anything about a person.
fn note(provider: &str, error: &OidcError) {
    tracing::warn!(provider, %error, "a log-in with an OpenID provider failed");
}

/// The way that this browser is on.
fn ceremony(state: &PageState, headers: &HeaderMap) -> Option<Ceremony> {
    let cookie = cookies::ceremony(headers, state.services.rules.secure_cookies)?;
    Ceremony::from_cookie(cookie)
}

/// The providers, for buttons.
pub(super) fn ways(providers: &Providers) -> Ways {
    let way = |provider: &Provider| Way {
        name: provider.name().to_owned(),
        label: provider.label().to_owned(),
    };
    Ways(providers.iter().map(way).collect())
}
