//! `POST /tweets` and `POST /tweet/{id}/delete`.

use axum::extract::{Path, State};
use axum::response::Response;
use siskin_app::context::FormError;
use siskin_domain::tweet::TweetError;
use siskin_domain::{TweetBody, TweetId};

use super::Form;
use crate::application::Refused;
use crate::http::pages::PageState;
use crate::http::pages::cookies::Flash;

/// Tweets what was typed.
pub(crate) async fn post(State(state): State<PageState>, form: Form) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, "/tweets", "/login", Refused::NotSignedIn).await;
    };
    // The page may be of another account: another tab has let somebody else in since.
    if form.filled("username").is_some_and(|username| username != caller.username) {
        let message = format!(
            "You are signed in as @{} here now. Send it again if it is to be theirs.",
            caller.username
        );
        let errors = vec![FormError { field: None, message }];
        return form.show_again(&state, "/tweets", "/", Refused::NotYou.into(), errors).await;
    }
    let body = match TweetBody::parse(form.field("body"), state.services.rules.tweet_max_chars) {
        Ok(body) => body,
        Err(error) => return form.refuse_fields(&state, "/tweets", "/", vec![error]).await,
    };
    match state.services.tweets.post(&caller, body, None).await {
        Ok(_) => form.done_saying(&state, "/", Flash::Tweeted),
        Err(refused) => form.refuse(&state, "/tweets", "/", refused).await,
    }
}

/// Deletes a tweet.
pub(crate) async fn delete(
    State(state): State<PageState>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let Some(caller) = form.caller.clone() else {
        return form.refuse(&state, "/tweets", "/login", Refused::NotSignedIn).await;
    };
    let Ok(id) = id.parse::<TweetId>() else {
        return form.refuse(&state, "/tweets", "/", TweetError::NotFound.into()).await;
    };
    match state.services.tweets.delete(&caller, id).await {
        Ok(()) => form.done_saying(&state, "/", Flash::TweetDeleted),
        Err(refused) => form.refuse(&state, "/tweets", "/", refused).await,
    }
}
