//! Reads: answers from the projections, kept while nothing has changed.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use siskin_domain::{Position, Role, TweetId, UserId, Username, wire};
use tokio::sync::Semaphore;
use tokio::sync::broadcast::error::RecvError;

use super::Caller;
use crate::storage::{Audience, Page, Store, StoreError};

/// So many requests may wait for a position at once; more are answered with what there is.
const MOST_WAITING: usize = 64;
/// How many lists are kept: the first pages of the timeline and of people.
const LISTS: usize = 128;
/// How many single tweets and users are kept.
const ITEMS: usize = 1024;

/// How long a read waits for what another server has written.
const PATIENCE: Duration = Duration::from_secs(2);

/// A list of tweets that its readers share.
pub type SharedTweets = Arc<Vec<wire::Tweet>>;

/// Asks the projections. Clones share what is kept.
#[derive(Clone)]
pub struct Queries {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    /// Who waits for a position.
    waiting: Semaphore,
    lists: Kept<(Whose, Page), SharedTweets>,
    tweets: Kept<TweetId, Option<Arc<wire::Tweet>>>,
    users: Kept<UserId, Option<Arc<wire::User>>>,
    names: Kept<Username, Option<Arc<wire::User>>>,
}

/// Which list of tweets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Whose {
    /// Everybody's, as everybody sees it.
    Everybodys,
    /// One person's, as everybody sees it.
    Of(UserId),
    /// One person's, as they and moderators see it.
    AllOf(UserId),
}

/// Values with the store's generation that they were read at; others are void.
type Kept<K, V> = Cache<K, (u64, V)>;

impl Queries {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                waiting: Semaphore::new(MOST_WAITING),
                lists: Cache::new(LISTS),
                tweets: Cache::new(ITEMS),
                users: Cache::new(ITEMS),
                names: Cache::new(ITEMS),
            }),
        }
    }

    /// Changes whenever any answer may have: for caches of what was made from answers. Read it
    /// before the answer, and keep what was made under it.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.shared.store.generation()
    }

    /// Waits until answers contain what was committed up to a position; two seconds at most.
    pub async fn reach(&self, position: Position) {
        let store = &self.shared.store;
        if store.position() >= position {
            return;
        }
        // More would be somebody who makes up positions, and takes the places of those who read.
        let Ok(_place) = self.shared.waiting.try_acquire() else { return };
        let mut news = store.subscribe();
        let reached = async {
            while store.position() < position {
                if matches!(news.recv().await, Err(RecvError::Closed)) {
                    return;
                }
            }
        };
        // Whoever asked sees by the position of the answer that it did not come in time.
        let _ = tokio::time::timeout(PATIENCE, reached).await;
    }

    /// Everybody's tweets, newest first. Silenced and suspended people see their own among them.
    ///
    /// # Errors
    /// The store's.
    pub async fn timeline(
        &self,
        page: Page,
        viewer: Option<&Caller>,
    ) -> Result<SharedTweets, StoreError> {
        match viewer.filter(|viewer| has_own_timeline(viewer)) {
            Some(viewer) => {
                let audience = Audience::Person(viewer.actor.id);
                self.shared.store.list_tweets(page, audience).await.map(Arc::new)
            }
            None => self.list(Whose::Everybodys, page).await,
        }
    }

    /// One person's tweets, newest first; `None` if there is no such person for the viewer.
    ///
    /// # Errors
    /// The store's.
    pub async fn tweets_of(
        &self,
        username: &Username,
        page: Page,
        viewer: Option<&Caller>,
    ) -> Result<Option<SharedTweets>, StoreError> {
        let Some(author) = self.whole_by_name(username, viewer).await? else { return Ok(None) };
        let whole = viewer.is_some_and(|viewer| sees_all_of(viewer, author.id));
        let whose = if whole { Whose::AllOf(author.id) } else { Whose::Of(author.id) };
        self.list(whose, page).await.map(Some)
    }

    /// A tweet with its author's current names, if it is there for the viewer.
    ///
    /// # Errors
    /// The store's.
    pub async fn tweet(
        &self,
        id: TweetId,
        viewer: Option<&Caller>,
    ) -> Result<Option<Arc<wire::Tweet>>, StoreError> {
        let generation = self.generation();
        let found = match self.shared.tweets.get(&id) {
            Some((at, kept)) if at == generation => kept,
            _ => {
                let found = self.shared.store.find_tweet(id, Audience::Public).await?.map(Arc::new);
                self.shared.tweets.insert(id, (generation, found.clone()));
                found
            }
        };
        match (found, viewer) {
            (None, Some(viewer)) => {
                let own = self.shared.store.find_tweet(id, audience(viewer)).await?;
                Ok(own.map(Arc::new))
            }
            (found, _) => Ok(found),
        }
    }

    /// A user as `viewer` may see them: email and role for themselves and for admins only.
    ///
    /// # Errors
    /// The store's.
    pub async fn user(
        &self,
        id: UserId,
        viewer: Option<&Caller>,
    ) -> Result<Option<wire::User>, StoreError> {
        let generation = self.generation();
        let found = match self.shared.users.get(&id) {
            Some((at, kept)) if at == generation => kept,
            _ => {
                let found = self.shared.store.find_user(id, Audience::Public).await?.map(Arc::new);
                self.shared.users.insert(id, (generation, found.clone()));
                found
            }
        };
        match (found, viewer) {
            (None, Some(viewer)) if sees_all_of(viewer, id) => {
                let found = self.shared.store.find_user(id, Audience::All).await?;
                Ok(found.map(|user| seen_by(user, Some(viewer))))
            }
            (found, viewer) => Ok(found.map(|user| seen_by(user.as_ref().clone(), viewer))),
        }
    }

    /// The same by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn user_by_name(
        &self,
        username: &Username,
        viewer: Option<&Caller>,
    ) -> Result<Option<wire::User>, StoreError> {
        let found = self.whole_by_name(username, viewer).await?;
        Ok(found.map(|user| seen_by(user.as_ref().clone(), viewer)))
    }

    /// Users as `viewer` may see them, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn users(
        &self,
        page: Page,
        viewer: Option<&Caller>,
    ) -> Result<Vec<wire::User>, StoreError> {
        let audience = viewer.map_or(Audience::Public, audience);
        let users = self.shared.store.list_users(page, audience).await?;
        Ok(users.into_iter().map(|user| seen_by(user, viewer)).collect())
    }

    async fn whole_by_name(
        &self,
        username: &Username,
        viewer: Option<&Caller>,
    ) -> Result<Option<Arc<wire::User>>, StoreError> {
        let generation = self.generation();
        let found = match self.shared.names.get(username) {
            Some((at, kept)) if at == generation => kept,
            _ => {
                let store = &self.shared.store;
                let found = store.find_user_by_name(username, Audience::Public).await?;
                let found = found.map(Arc::new);
                self.shared.names.insert(username.clone(), (generation, found.clone()));
                found
            }
        };
        match (found, viewer) {
            (None, Some(viewer)) => {
                let store = &self.shared.store;
                let found = store.find_user_by_name(username, audience(viewer)).await?;
                Ok(found.map(Arc::new))
            }
            (found, _) => Ok(found),
        }
    }

    async fn list(&self, whose: Whose, page: Page) -> Result<SharedTweets, StoreError> {
        let (key, generation) = ((whose, page), self.generation());
        if let Some((at, kept)) = self.shared.lists.get(&key)
            && at == generation
        {
            return Ok(kept);
        }
        let store = &self.shared.store;
        let listed = Arc::new(match whose {
            Whose::Everybodys => store.list_tweets(page, Audience::Public).await?,
            Whose::Of(author) => store.list_tweets_of(author, page, Audience::Public).await?,
            Whose::AllOf(author) => store.list_tweets_of(author, page, Audience::All).await?,
        });
        self.shared.lists.insert(key, (generation, listed.clone()));
        Ok(listed)
    }
}

/// Whose eyes a viewer has.
const fn audience(viewer: &Caller) -> Audience {
    match viewer.actor.role {
        Role::User => Audience::Person(viewer.actor.id),
        Role::Moderator | Role::Admin => Audience::All,
    }
}

/// Does a viewer see what everybody's timeline keeps from others, their own?
pub(crate) const fn has_own_timeline(viewer: &Caller) -> bool {
    viewer.standing.silenced || viewer.standing.suspended
}

/// Does a viewer see all of a person's, hidden or not?
fn sees_all_of(viewer: &Caller, person: UserId) -> bool {
    viewer.actor.id == person || viewer.actor.role >= Role::Moderator
}

/// Leaves out what the viewer may not see.
fn seen_by(mut user: wire::User, viewer: Option<&Caller>) -> wire::User {
    let may_see_all = viewer.is_some_and(|v| v.actor.id == user.id || v.actor.role == Role::Admin);
    if !may_see_all {
        user.email = None;
        user.role = None;
    }
    user
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::SqliteStore;

    #[tokio::test(start_paused = true)]
    async fn made_up_positions_take_few_places() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("siskin.db")).unwrap();
        let queries = Queries::new(Arc::new(store));
        let never = Position(u64::MAX);
        let waiting: Vec<_> = (0..MOST_WAITING)
            .map(|_| {
                let queries = queries.clone();
                tokio::spawn(async move { queries.reach(never).await })
            })
            .collect();
        while queries.shared.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let begun = tokio::time::Instant::now();
        queries.reach(never).await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
        for waiting in waiting {
            waiting.await.unwrap();
        }
        assert_eq!(begun.elapsed(), PATIENCE);
    }
}
