//! The JSON of the REST API. The keys are the book's; `../shared/API.md` fixes them.

use serde::{Deserialize, Serialize};

use crate::id::{TweetId, UserId};
use crate::time::Timestamp;
use crate::values::Role;

/// A user, as everybody may see them; `email` and `role` only for themselves and for admins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Number below 2^53.
    #[cfg_attr(feature = "openapi", schema(value_type = u64, example = 4_362_076_160_001u64))]
    pub id: UserId,
    /// The name in addresses and mentions.
    #[cfg_attr(feature = "openapi", schema(example = "eric.strom"))]
    pub username: String,
    /// The name that people see.
    #[cfg_attr(feature = "openapi", schema(example = "Eric Stromberg"))]
    pub name: String,
    /// What they say about themselves; may be empty.
    pub bio: String,
    /// When they registered: RFC 3339, UTC, milliseconds.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "date-time"))]
    pub created_at: Timestamp,
    /// How many tweets of theirs there are.
    pub tweets_count: u64,
    /// Grows with every change; give it to PUT to refuse a lost update.
    pub version: u64,
    /// Their e-mail address, for themselves and admins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What they may do, for themselves and admins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// A tweet with its author's names as they are now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tweet {
    /// Number below 2^53; greater is newer.
    #[cfg_attr(feature = "openapi", schema(value_type = u64, example = 4_362_076_160_002u64))]
    pub id: TweetId,
    /// The author's username.
    #[cfg_attr(feature = "openapi", schema(example = "eric.strom"))]
    pub tweetedby: String,
    /// The author's name.
    #[cfg_attr(feature = "openapi", schema(example = "Eric Stromberg"))]
    pub name: String,
    /// What it says: plain text, never HTML.
    pub body: String,
    /// When it was posted: RFC 3339, UTC, milliseconds.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "date-time"))]
    pub timestamp: Timestamp,
}

/// An error, the same shape everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// The book's sentence for the status.
    pub error: String,
    /// Stable, for programs.
    pub code: String,
    /// One sentence for people.
    pub message: String,
    /// The key that was refused, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// `data` of the stream's `tweet.deleted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TweetGone {
    /// The tweet that is gone.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub id: TweetId,
}

/// `POST /api/v2/tweets` → 201.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TweetCreated {
    /// Always `Success`.
    pub status: String,
    /// The new tweet.
    pub tweet: Tweet,
}

/// A list of tweets, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TweetsList {
    /// The tweets.
    pub tweets_list: Vec<Tweet>,
}

/// One tweet, in the book's list of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TweetDetails {
    /// The tweet.
    pub tweet: Vec<Tweet>,
}

/// A list of users, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserList {
    /// The users.
    pub user_list: Vec<User>,
}

/// One user, in the book's list of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserDetails {
    /// The user.
    pub user_details: Vec<User>,
}
