//! `POST /api/v1/tokens`

use axum::extract::State;
use axum::response::Response;
use siskin_domain::{DisplayName, Password};
use utoipa::ToSchema;

use crate::application::idempotency::{KeptAnswer, TokenAnswer};
use crate::application::{NewSession, TOKEN_DAYS};
use crate::http::api::address::{Origin, Peer};
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once};
use crate::http::api::problems::LoggingIn;
use crate::http::rate_limit;
use crate::http::state::HttpState;
use crate::storage::{Client, Scope, Scopes};

/// The longest code that is looked at, in characters: a recovery code with spaces is shorter.
const LONGEST_CODE: usize = 32;

/// Who wants a token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; the handler reads it")]
pub(in crate::http::api) struct LogIn {
    /// The username, or the e-mail address.
    #[schema(max_length = 254, example = "eric.strom")]
    username: String,
    /// The password.
    #[schema(format = "password", max_length = 128, example = "correct horse battery")]
    password: String,
    /// A code of one's authenticator app or a recovery code; only for who has set one up.
    #[schema(max_length = 32, example = "492039")]
    code: Option<String>,
    /// What its owner calls the token, up to 50 characters.
    #[schema(min_length = 1, max_length = 50, example = "my phone")]
    name: Option<String>,
    /// What it is for: any of `read`, `write`, `admin`; all of them unless given.
    #[schema(min_items = 1, max_items = 3, example = json!(["read", "write"]))]
    scopes: Option<Vec<ScopeName>>,
    /// After how many days it ends; 365 unless given.
    #[schema(minimum = 1, maximum = 3650)]
    expires_in_days: Option<u16>,
}

/// One thing that a token may be for.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes a part of the body")]
pub(in crate::http::api) enum ScopeName {
    /// Reading what only its owner sees.
    Read,
    /// Changing what is its owner's.
    Write,
    /// With `write`: what moderators and admins may do to others.
    Admin,
}

/// Signs in for a token, which lasts a year unless another time is asked for.
///
/// A wrong password and an unknown user are the same in text and time. With a right password, an
/// account that has an authenticator app answers 401 `second_factor_required` until the code comes
/// with it; a wrong code is `bad_credentials`.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    tag = "tokens",
    params(KeyHeader),
    request_body = LogIn,
    responses(
        (status = 201, description = "The token, shown this once.", body = TokenAnswer,
            headers(("Idempotency-Replayed" = String))),
        LoggingIn,
    )
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    Peer(peer): Peer,
    Origin(client): Origin,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let login = json.text("username")?.to_owned();
    let password = Password::claimed(json.text("password")?);
    let code = json.optional_text("code")?.map(str::to_owned);
    // Whoever it is for: an account without codes does not look at it.
    if code.as_ref().is_some_and(|code| code.chars().count() > LONGEST_CODE) {
        let message = "A code has at most 32 characters.";
        return Err(ApiError::unprocessable("code_too_long", "code", message));
    }
    let new = wanted(&json, client)?;
    let attempt = state.services.throttle.log_in(peer, &login).await?;
    let endpoint = "POST /api/v1/tokens";
    let asked = Asked { endpoint, caller: None, body: &json.bytes, secret: true };
    let accounts = state.services.accounts.clone();
    let answer = once(&state, key, asked, |once| async move {
        let token = accounts.issue_token(&login, password, code.as_deref(), new, once).await?;
        Ok(KeptAnswer::created_unnamed(&TokenAnswer::new(&token.secret, token.created_at)))
    })
    .await;
    // Only a wrong guess counts; who is asked for a code has guessed right.
    let wrong = answer.as_ref().is_err_and(|error| error.code() == "bad_credentials");
    let standings = if wrong { attempt.failed() } else { attempt.succeeded().await };
    rate_limit::told(answer, standings)
}

/// All keys are looked at before any rule: 400 comes before 422.
pub(in crate::http::api) fn wanted(
    json: &JsonBody,
    client: Client,
) -> Result<NewSession, ApiError> {
    let name = json.optional_text("name")?;
    let scopes = json.optional_texts("scopes")?;
    let days = json.optional_number("expires_in_days")?;
    let name = name.map(DisplayName::parse).transpose()?.map(String::from).unwrap_or_default();
    let mut new = NewSession::token(name, client);
    if let Some(scopes) = scopes {
        let some = Some(scopes).filter(|scopes| (1..=Scope::ALL.len()).contains(&scopes.len()));
        new.scopes = some.and_then(Scopes::named).ok_or_else(|| {
            let message = "Scopes are one or more of read, write, admin.";
            ApiError::unprocessable("scopes_invalid", "scopes", message)
        })?;
    }
    if let Some(days) = days {
        let days = u16::try_from(days).ok().filter(|days| TOKEN_DAYS.contains(days));
        new.lasts_days = days.ok_or_else(|| {
            let message = "A token lasts from 1 to 3650 days.";
            ApiError::unprocessable("expires_in_days_invalid", "expires_in_days", message)
        })?;
    }
    Ok(new)
}
