//! What a page needs to be shown: reads only. Writes go through the Flux loop's effects in the
//! browser, and through plain forms where there is no JavaScript.
//!
//! The server implements it in-process, the browser by the REST API.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use siskin_domain::{TweetId, Username, wire};

/// A window of a list, newest first: see the REST API's `before`, `after` and `limit`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Only entries older than this id.
    pub before: Option<TweetId>,
    /// Only entries newer than this id.
    pub after: Option<TweetId>,
}

/// How many tweets a page shows at once.
pub const PAGE_SIZE: u16 = 20;

/// Why a page's data is not there. Serialised with the page, so that server and browser agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Trouble {
    /// Not there: the page answers 404.
    #[error("there is nothing here")]
    NotFound,
    /// The server or the network can't answer now: the page answers 503.
    #[error("{0}")]
    Unavailable(String),
}

/// A backend's answer to come.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, Trouble>> + Send>>;

/// What a page needs to be shown. Lists are shared, since many pages show the same one.
pub trait Backend: Send + Sync + 'static {
    /// Everybody's tweets, at most [`PAGE_SIZE`], newest first.
    fn timeline(&self, window: Window) -> Answer<Arc<Vec<wire::Tweet>>>;
    /// One person's tweets; [`Trouble::NotFound`] if there is no such person.
    fn tweets_of(&self, username: Username, window: Window) -> Answer<Arc<Vec<wire::Tweet>>>;
    /// One tweet; [`Trouble::NotFound`] if there is none.
    fn tweet(&self, id: TweetId) -> Answer<wire::Tweet>;
    /// One person as everybody sees them; [`Trouble::NotFound`] if there is no such person.
    fn person(&self, username: Username) -> Answer<wire::User>;
}

/// The backend of this side, as pages find it: `expect_context::<BackendHandle>()`.
#[derive(Clone)]
pub struct BackendHandle(pub Arc<dyn Backend>);
