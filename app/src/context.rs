//! What the server knows of a request and the page needs: given once per request by the server,
//! serialised into the page, and read from there by the browser, so that both render the same.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use siskin_domain::{Timestamp, UserId};

/// The facts of one request. The server provides it as a Leptos context; `App` reads it through
/// a `SharedValue`, so the browser has the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageContext {
    /// Who is signed in.
    pub me: Option<Me>,
    /// The server's time when it rendered: relative times are computed from it.
    pub now: Timestamp,
    /// What the operator configured.
    pub settings: Settings,
    /// The person's choice of colours.
    pub theme: Theme,
    /// A form that was sent without JavaScript and refused: shown again with its errors.
    pub form: Option<SentForm>,
    /// A sentence to show once, after a redirect ("Your profile was saved.").
    pub flash: Option<String>,
}

impl Default for PageContext {
    fn default() -> Self {
        Self {
            me: None,
            now: Timestamp::from_unix_ms(0),
            settings: Settings::default(),
            theme: Theme::System,
            form: None,
            flash: None,
        }
    }
}

/// The signed-in person, as they see themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Their id.
    pub id: UserId,
    /// Their username.
    pub username: String,
    /// Their name.
    pub name: String,
    /// May they delete other people's tweets?
    pub moderates: bool,
    /// Have moderators suspended them? Then they can't tweet.
    pub suspended: bool,
    /// The rest of the profile; only on `/profile`, where it is edited.
    pub details: Option<MyDetails>,
}

impl Me {
    /// May they delete a tweet by the person with this username?
    #[must_use]
    pub fn may_delete(&self, author: &str) -> bool {
        !self.suspended && (self.moderates || self.username == author)
    }
}

/// What only the owner sees and edits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyDetails {
    /// E-mail address.
    pub email: String,
    /// What they say about themselves.
    pub bio: String,
    /// What optimistic concurrency compares.
    pub version: u64,
    /// May they invite others?
    pub invites: bool,
}

/// What the operator configured and a page shows or obeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The greatest length of a tweet, in Unicode scalar values.
    pub tweet_max_chars: usize,
    /// Scheme, host and port, without a slash at the end: for absolute links in meta tags.
    pub public_url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { tweet_max_chars: 280, public_url: String::new() }
    }
}

/// Light, dark, or what the system says. Kept in the cookie `theme`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The cookie's value, and that of `<html data-theme>`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the cookie's value; anything unknown is `System`.
    #[must_use]
    pub fn from_cookie(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

/// A refused form: which, what was typed (never a password), and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentForm {
    /// The path it was sent to: `/login`, `/signup`, `/profile`, `/tweets`.
    pub path: String,
    /// What was typed, by field name; passwords are left out.
    pub values: Vec<(String, String)>,
    /// What is wrong, in order of the fields.
    pub errors: Vec<FormError>,
}

/// One thing that is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormError {
    /// The field, or `None` if it is about the whole form.
    pub field: Option<String>,
    /// One sentence for people.
    pub message: String,
}

/// Sets the status of the page's answer: a page calls it with 404 or 503. Only the server
/// provides it.
#[derive(Clone)]
pub struct StatusHandle(pub Arc<dyn Fn(u16) + Send + Sync>);
