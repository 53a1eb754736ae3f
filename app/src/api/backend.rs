//! What pages read, over the REST API.

use std::sync::Arc;

use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use siskin_domain::wire::{Tweet, TweetDetails, TweetsList, User, UserList};
use siskin_domain::{TweetId, Username};

use super::fetch::{UNREACHABLE, send};
use crate::backend::{Answer, Backend, PAGE_SIZE, Trouble, Window};

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
            get::<TweetDetails>(path).await?.tweet.pop().ok_or(Trouble::NotFound)
        }))
    }

    fn person(&self, username: Username) -> Answer<User> {
        let path = ["/api/v1/users?username=", username.as_str()].concat();
        Box::pin(SendWrapper::new(async move {
            get::<UserList>(path).await?.user_list.pop().ok_or(Trouble::NotFound)
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
    Box::pin(SendWrapper::new(async move {
        get::<TweetsList>(path).await.map(|list| Arc::new(list.tweets_list))
    }))
}

async fn get<T: DeserializeOwned>(path: String) -> Result<T, Trouble> {
    let Some(answer) = send("GET", &path, &[], None).await else {
        return Err(Trouble::Unavailable(UNREACHABLE.to_owned()));
    };
    if answer.status == 404 {
        return Err(Trouble::NotFound);
    }
    match answer.json() {
        Some(value) if answer.is_good() => Ok(value),
        _ => Err(Trouble::Unavailable(answer.reason())),
    }
}
