//! Reading everything of one's own at one position of the log.

use siskin_domain::tweet::TweetEvent;
use siskin_domain::{Event, Position, Recorded, StreamId, Timestamp, TweetId, UserId};

use super::facts::{Facts, Parts};
use crate::application::{Caller, Refused};
use crate::storage::{Audience, Page, Store, StoreError};

/// How many tweets are listed, and events read, at once.
const AT_ONCE: u16 = 1000;
/// How often it is read anew, if it changed in the meantime.
const TRIES: usize = 5;

/// All but the tweets' texts, which are read when they are written.
pub(super) struct Snapshot {
    /// Whose.
    pub(super) me: UserId,
    pub(super) facts: Facts,
    /// Newest first. A number each: a hundred thousand of them are less than a megabyte.
    pub(super) tweets: Vec<TweetId>,
}

impl Snapshot {
    /// Reads, and then looks at what the log has got since: if nothing of it is about the person,
    /// all that was read is as it was where the log ends now.
    pub(super) async fn of(
        store: &dyn Store,
        caller: &Caller,
        at: Timestamp,
        site: &str,
    ) -> Result<Self, Refused> {
        let me = caller.actor.id;
        let mut from = store.position();
        for _ in 0..TRIES {
            let profile =
                store.find_user(me, Audience::Person(me)).await?.ok_or(Refused::NotSignedIn)?;
            let sessions = store.sessions_of(me, at).await?;
            let proofs = store.proofs_of(me, at).await?;
            let mut history = store.load(StreamId::User(me)).await?;
            history.extend(store.load(StreamId::Logins(me)).await?);
            history.extend(store.load(StreamId::Moderation(me)).await?);
            history.sort_unstable_by_key(|recorded| recorded.position);
            let tweets = tweets_of(store, me).await?;
            let (end, changed) = since(store, from, me).await?;
            if !changed {
                let (site, position) = (site.to_owned(), end.0);
                let parts = Parts { site, at, position, profile, sessions, proofs, history };
                return Ok(Self { me, facts: Facts::new(parts), tweets });
            }
            from = end;
        }
        Err(Refused::Conflict)
    }
}

async fn tweets_of(store: &dyn Store, me: UserId) -> Result<Vec<TweetId>, StoreError> {
    let mut ids: Vec<TweetId> = Vec::new();
    loop {
        let before = ids.last().map(|id| id.get());
        let page = Page { before, ..Page::newest(AT_ONCE) };
        let listed = store.list_tweets_of(me, page, Audience::Person(me)).await?;
        ids.extend(listed.iter().map(|tweet| tweet.id));
        if listed.len() < usize::from(AT_ONCE) {
            return Ok(ids);
        }
    }
}

/// Where the log ends now, and whether anything after `from` is about the person.
async fn since(
    store: &dyn Store,
    from: Position,
    me: UserId,
) -> Result<(Position, bool), StoreError> {
    let (mut end, mut changed) = (from, false);
    loop {
        let events = store.read_all(end, usize::from(AT_ONCE)).await?;
        let Some(last) = events.last() else { return Ok((end, changed)) };
        end = last.position;
        changed = changed || events.iter().any(|recorded| is_about(recorded, me));
    }
}

fn is_about(recorded: &Recorded, me: UserId) -> bool {
    match (&recorded.event, recorded.stream) {
        (_, StreamId::User(user) | StreamId::Logins(user) | StreamId::Moderation(user)) => {
            user == me
        }
        (
            Event::Tweet(TweetEvent::Posted { author, .. } | TweetEvent::Deleted { author }),
            StreamId::Tweet(_),
        ) => *author == me,
        // Who reported what is between the reporter and the moderators; what is hidden stays one's
        // own.
        _ => false,
    }
}
