//! `PUT /api/v1/users/{id}`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use siskin_domain::{Bio, DisplayName, Email, Password, Username};
use utoipa::ToSchema;

use crate::application::idempotency::UserAnswer;
use crate::application::{Caller, Changes, Refused};
use crate::http::api::address::{Peer, UserPath};
use crate::http::api::body::JsonBody;
use crate::http::api::error::ApiError;
use crate::http::api::problems::Changing;
use crate::http::rate_limit;
use crate::http::state::HttpState;

/// What may be changed; anything else is refused rather than ignored.
const KNOWN: [&str; 7] =
    ["username", "email", "name", "bio", "password", "current_password", "version"];

/// What is to change; keys that are left out leave things as they are.
#[derive(serde::Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes the body; `read` reads it")]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct UserChanges {
    /// Another username.
    #[schema(pattern = r"^[A-Za-z][A-Za-z0-9_.]{2,29}$", max_length = 30, value_type = String, required = false)]
    username: Option<String>,
    /// Another e-mail address.
    #[schema(format = "email", max_length = 254, value_type = String, required = false)]
    email: Option<String>,
    /// Another name.
    #[schema(min_length = 1, max_length = 50, value_type = String, required = false)]
    name: Option<String>,
    /// Another bio, up to 160 characters.
    #[schema(max_length = 160, value_type = String, required = false)]
    bio: Option<String>,
    /// Another password.
    #[schema(format = "password", min_length = 8, max_length = 128, value_type = String, required = false)]
    password: Option<String>,
    /// The current password: needed with `password`, unless the caller is an admin.
    #[schema(format = "password", max_length = 128, value_type = String, required = false)]
    current_password: Option<String>,
    /// The version that was seen; refuses the change if it is not the current one.
    #[schema(maximum = 9007199254740991u64, value_type = u64, required = false)]
    version: Option<u64>,
}

/// Changes a person, all or nothing: themselves, or anybody as an admin.
///
/// A new password ends all of the person's sessions and tokens but the one that asked.
#[utoipa::path(
    put,
    path = "/api/v1/users/{id}",
    tag = "users",
    params(("id" = u64, Path, minimum = 1, maximum = 9007199254740991u64)),
    request_body = UserChanges,
    responses((status = 200, description = "Changed.", body = UserAnswer), Changing),
    security(("bearer" = []), ("cookie" = []))
)]
pub(in crate::http::api) async fn put(
    State(state): State<HttpState>,
    Peer(peer): Peer,
    caller: Caller,
    UserPath(id): UserPath,
    json: JsonBody,
) -> Result<Response, ApiError> {
    let changes = read(&json)?;
    let (accounts, throttle) = (&state.services.accounts, &state.services.throttle);
    // Whoever got hold of a session must not guess the password with it.
    let guess = match &changes.password {
        Some(_) => Some(throttle.log_in(peer, &caller.username).await?),
        None => None,
    };
    let changed = accounts.update(&caller, id, changes).await;
    let standings = match guess {
        Some(guess) if matches!(changed, Err(Refused::WrongCurrentPassword)) => guess.failed(),
        Some(guess) => guess.succeeded().await,
        None => Vec::new(),
    };
    let answer = changed.map(|user| Json(UserAnswer::success(user)).into_response());
    rate_limit::told(answer.map_err(ApiError::from), standings)
}

/// All keys are looked at before any rule: 400 comes before 422.
pub(in crate::http::api) fn read(json: &JsonBody) -> Result<Changes, ApiError> {
    let username = json.present_text("username")?;
    let email = json.present_text("email")?;
    let name = json.present_text("name")?;
    let bio = json.present_text("bio")?;
    let password = json.present_text("password")?;
    let current = json.present_text("current_password")?.map(Password::claimed);
    let version = json.present_number("version")?;
    if let Some(key) = json.unknown_key(&KNOWN) {
        let key: String = key.chars().take(64).collect();
        let message = "This key can't be changed here.";
        return Err(ApiError::unprocessable("field_unknown", key, message));
    }
    Ok(Changes {
        username: username.map(Username::parse).transpose()?,
        email: email.map(Email::parse).transpose()?,
        name: name.map(DisplayName::parse).transpose()?,
        bio: bio.map(Bio::parse).transpose()?,
        password: password.map(Password::parse).transpose()?.map(|new| (new, current)),
        version,
    })
}
