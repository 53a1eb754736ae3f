//! Answers that are kept, and the shapes of those that come of work.

use serde::{Deserialize, Serialize};
use siskin_domain::{Timestamp, wire};

/// An answer as it is given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The JSON.
    pub body: String,
}

impl KeptAnswer {
    /// An answer without an address.
    pub fn plain(status: u16, body: &impl Serialize) -> Self {
        Self { status, ..Self::created_unnamed(body) }
    }

    /// 201 for something that has an address.
    pub fn created(location: String, body: &impl Serialize) -> Self {
        Self { location: Some(location), ..Self::created_unnamed(body) }
    }

    /// 201 for something without an address.
    pub fn created_unnamed(body: &impl Serialize) -> Self {
        // Our answers are plain structs with string keys: serialising them can't fail.
        let body = serde_json::to_string(body).unwrap_or_default();
        Self { status: 201, location: None, body }
    }
}

/// `POST /api/v1/users` and `PUT /api/v1/users/{id}`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct UserAnswer {
    /// Always `Success`.
    #[schema(example = "Success")]
    pub status: &'static str,
    /// The user as they are now, email and role included.
    pub user: wire::User,
}

impl UserAnswer {
    /// It was done, and this is the user now.
    #[must_use]
    pub fn success(user: wire::User) -> Self {
        Self { status: "Success", user }
    }
}

/// `POST /api/v1/tokens` → 201. `Debug` is not derived: it holds the token.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TokenAnswer {
    /// The secret, shown this once: `Authorization: Bearer <token>`.
    #[schema(example = "sk_7Qm0b3XyqZxk2V8mS4TgkX0y5cN1a9uJrLwEoPdHfGs")]
    pub token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// When it was made; it lasts a year unless another time was asked for.
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
}

impl TokenAnswer {
    /// For a new token.
    #[must_use]
    pub fn new(token: &str, created_at: Timestamp) -> Self {
        Self { token: token.to_owned(), token_type: "Bearer", created_at }
    }
}

/// `POST /api/v2/tweets` → 201.
#[must_use]
pub fn created_tweet(tweet: wire::Tweet) -> wire::TweetCreated {
    wire::TweetCreated { status: "Success".to_owned(), tweet }
}
