//! Answers that are kept, and the shapes of those that come of work.

use serde::{Deserialize, Serialize};
use siskin_domain::{ReportId, Timestamp, UserId, wire};

use crate::application::Invitation;

/// An answer as it is given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The `Set-Cookie` header.
    #[serde(default)]
    pub cookie: Option<String>,
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
        Self { status: 201, location: None, cookie: None, body }
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

/// An invitation, as its owner sees it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct InvitationView {
    /// Number below 2^53: what to revoke it by.
    #[schema(example = 4_362_076_160_003u64, maximum = 9_007_199_254_740_991u64)]
    pub id: u64,
    /// What its owner calls it; may be empty.
    #[schema(max_length = 50, example = "For the choir")]
    pub name: String,
    /// How many people may come by it.
    #[schema(minimum = 1, maximum = 100)]
    pub uses: u8,
    /// The ids of those who have come by it; some may have left since.
    #[schema(value_type = Vec<u64>, max_items = 100)]
    pub came: Vec<UserId>,
    /// When it was made.
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    /// When it ends by itself.
    #[schema(value_type = String, format = "date-time")]
    pub expires_at: Timestamp,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.0,
            name: invitation.name,
            uses: invitation.uses,
            came: invitation.came,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}

/// `POST /api/v1/invitations` → 201. `Debug` is not derived: it holds the code.
#[derive(Serialize, utoipa::ToSchema)]
pub struct InvitationAnswer {
    /// Always `Success`.
    #[schema(example = "Success")]
    pub status: &'static str,
    /// The invitation.
    pub invitation: InvitationView,
    /// What `POST /api/v1/users` takes as `invite`, shown this once.
    #[schema(example = "0c1N9aUJrLwEoPdHfGs7Qg")]
    pub code: String,
    /// The address to send to whoever is invited.
    #[schema(example = "https://tweets.example.org/signup?invite=0c1N9aUJrLwEoPdHfGs7Qg")]
    pub link: String,
}

impl InvitationAnswer {
    /// For a new invitation to the site at this address.
    #[must_use]
    pub fn new(invitation: Invitation, code: String, public_url: &str) -> Self {
        let link = format!("{public_url}/signup?invite={code}");
        Self { status: "Success", invitation: invitation.into(), code, link }
    }
}

/// `POST /api/v1/reports` → 201.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ReportFiled {
    /// Always `Success`.
    #[schema(example = "Success")]
    pub status: &'static str,
    /// Its number.
    #[schema(value_type = u64)]
    pub id: ReportId,
}

impl ReportFiled {
    /// For a new report.
    #[must_use]
    pub fn new(id: ReportId) -> Self {
        Self { status: "Success", id }
    }
}

/// `POST /api/v2/tweets` → 201.
#[must_use]
pub fn created_tweet(tweet: wire::Tweet) -> wire::TweetCreated {
    wire::TweetCreated { status: "Success".to_owned(), tweet }
}
