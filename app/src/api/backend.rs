//! What pages read, over the REST API.

use std::sync::Arc;

use send_wrapper::SendWrapper;
use siskin_domain::wire::{Tweet, User};
use siskin_domain::{TweetId, Username};

use super::fetch::{UNREACHABLE, send};
use crate::backend::{Answer, Backend, PAGE_SIZE, Trouble, Window};
use crate::json::{FromJson, Json};

/// The REST API of the server that the page came from.
pub(super) struct HttpBackend;

impl Backend for HttpBackend {
    fn timeline(&self, window: Window) -> Answer<Arc<Vec<Tweet>>> {
        tweets(list("/api/v2/tweets", window))
    }

    fn tweets_of(&self, username: Username, window: Window) -> Answer<Arc<Vec<Tweet>>> {
        tweets(list(&["/api/v2/tweets/", username.as_str()].concat(), window))
    }

    fn tweet(&self, id: TweetId) -> Answer<Tweet> {
        let path = ["/api/v2/tweets/", &id.to_string()].concat();
        Box::pin(SendWrapper::new(async move {
            get::<Vec<Tweet>>(path, "tweet").await?.pop().ok_or(Trouble::NotFound)
        }))
    }

    fn person(&self, username: Username) -> Answer<User> {
        let path = ["/api/v1/users?username=", username.as_str()].concat();
        Box::pin(SendWrapper::new(async move {
            get::<Vec<User>>(path, "user_list").await?.pop().ok_or(Trouble::NotFound)
        }))
    }
}

/// The path of a window of a list.
fn list(path: &str, window: Window) -> String {
    let mut path = [path, "?limit=", &PAGE_SIZE.to_string()].concat();
    for (name, id) in [("&before=", window.before), ("&after=", window.after)] {
        if let Some(id) = id {
            path.push_str(name);
            path.push_str(&id.to_string());
        }
    }
    path
}

fn tweets(path: String) -> Answer<Arc<Vec<Tweet>>> {
    Box::pin(SendWrapper::new(async move { get(path, "tweets_list").await.map(Arc::new) }))
}

/// Reads a member of the answer: the book puts everything into an object.
async fn get<T: FromJson>(path: String, member: &'static str) -> Result<T, Trouble> {
    let Some(answer) = send("GET", &path, &[], None).await else {
        return Err(Trouble::Unavailable(UNREACHABLE.to_owned()));
    };
    if answer.status == 404 {
        return Err(Trouble::NotFound);
    }
    match answer.json::<Json>().and_then(|json| json.read(member)) {
        Some(value) if answer.is_good() => Ok(value),
        _ => Err(Trouble::Unavailable(answer.reason())),
    }
}
