//! Saying something: the server's hottest write.

use siskin_domain::tweet::{TweetCommand, TweetState, decide};
use siskin_domain::{Event, StreamId, TweetBody, wire};

use super::Tweets;
use crate::application::idempotency::{KeptAnswer, Once, created_tweet};
use crate::application::retry::retrying;
use crate::application::{Caller, Refused};
use crate::storage::{Append, Expected};

impl Tweets {
    /// Posts a tweet; it is on disk when this returns.
    ///
    /// Nothing is read: the stream is new, the author is the caller, and the answer is made of
    /// what is known.
    ///
    /// # Errors
    /// [`Refused::NotSignedIn`] if the caller's account is gone.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn post(
        &self,
        caller: &Caller,
        body: TweetBody,
        once: Once,
    ) -> Result<wire::Tweet, Refused> {
        // A conflict means that the id is there, as in a store set back: take the next.
        retrying(|| self.try_post(caller, body.clone(), &once)).await
    }

    async fn try_post(
        &self,
        caller: &Caller,
        body: TweetBody,
        once: &Once,
    ) -> Result<wire::Tweet, Refused> {
        let (id, at) = (self.ids.tweet().await?, self.clock.now());
        let tweet = wire::Tweet {
            id,
            tweetedby: caller.username.clone(),
            name: caller.name.clone(),
            body: body.as_str().to_owned(),
            timestamp: at,
        };
        let mut effects = Vec::new();
        if let Some(scope) = once {
            let location = format!("/api/v2/tweets/{id}");
            let answer = KeptAnswer::created(location, &created_tweet(tweet.clone()));
            effects.push(scope.remember(&answer, Some(caller.actor.id)));
        }
        let command = TweetCommand::Post { by: caller.actor, body };
        let append = Append {
            stream: StreamId::Tweet(id),
            expected: Expected::Empty,
            events: decide(TweetState::Missing, command)?.into_iter().map(Event::Tweet).collect(),
            at,
            actor: Some(caller.actor.id),
            effects,
        };
        self.store.append(append).await?;
        Ok(tweet)
    }
}
