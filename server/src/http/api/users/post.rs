//! `POST /api/v1/users`

use axum::extract::State;
use axum::response::Response;
use siskin_domain::{DisplayName, Email, Password, Role, Username};
use utoipa::ToSchema;

use crate::application::NewAccount;
use crate::application::idempotency::{KeptAnswer, UserAnswer};
use crate::http::api::address::Peer;
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::once::{Asked, IdempotencyKey, KeyHeader, once};
use crate::http::api::problems::SigningUp;
use crate::http::rate_limit;
use crate::http::state::HttpState;

/// A person to be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body; `read` reads it")]
pub(in crate::http::api) struct NewUser {
    /// 3 to 30 letters, digits, dots and underscores, beginning with a letter; case is ignored.
    #[schema(pattern = r"^\s*[A-Za-z][A-Za-z0-9_.]{2,29}\s*$", example = "eric.strom")]
    username: String,
    /// An e-mail address.
    #[schema(format = "email", max_length = 254, example = "eric.strom@example.org")]
    email: String,
    /// 8 to 128 characters.
    #[schema(
        format = "password",
        min_length = 8,
        max_length = 128,
        example = "correct horse battery"
    )]
    password: String,
    /// What people see, up to 50 characters; the username unless given.
    #[schema(min_length = 1, example = "Eric Stromberg")]
    name: Option<String>,
    /// The code of an invitation, where joining needs one.
    #[schema(max_length = 64, example = "0c1N9aUJrLwEoPdHfGs7Qg")]
    invite: Option<String>,
}

/// Registers a person, as far as the operator lets people join. The answer is their own view, with email and role.
#[utoipa::path(
    post,
    path = "/api/v1/users",
    tag = "users",
    params(KeyHeader),
    request_body = NewUser,
    responses(
        (status = 201, description = "Registered.", body = UserAnswer,
            headers(("Location" = String), ("Idempotency-Replayed" = String))),
        SigningUp,
    )
)]
pub(in crate::http::api) async fn post(
    State(state): State<HttpState>,
    Peer(peer): Peer,
    key: IdempotencyKey,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let (new, invite) = read(&json)?;
    let standings = state.services.throttle.sign_up(peer).await?;
    let endpoint = "POST /api/v1/users";
    let asked = Asked { endpoint, caller: None, body: &json.bytes, secret: true };
    let accounts = state.services.accounts.clone();
    let answer = once(&state, key, asked, |once| async move {
        let user = accounts.register(new, invite.as_deref(), once).await?;
        let location = format!("/api/v1/users/{}", user.id);
        Ok(KeptAnswer::created(location, &UserAnswer::success(user)))
    })
    .await;
    rate_limit::told(answer, standings)
}

/// All keys are looked at before any rule: 400 comes before 422.
fn read(json: &JsonBody) -> Result<(NewAccount, Option<String>), ApiError> {
    let username = json.text("username")?;
    let email = json.text("email")?;
    let password = json.text("password")?;
    let name = json.optional_text("name")?;
    let invite = json.optional_text("invite")?.map(str::to_owned);
    let new = NewAccount {
        username: Username::parse(username)?,
        email: Email::parse(email)?,
        password: Password::parse(password)?,
        name: name.map(DisplayName::parse).transpose()?,
        role: Role::User,
    };
    Ok((new, invite))
}
