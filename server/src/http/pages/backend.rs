//! The `Backend` of pages rendered here: the queries, without HTTP in between.

use std::sync::Arc;

use siskin_app::backend::{Answer, Backend, BackendHandle, PAGE_SIZE, Trouble, Window};
use siskin_domain::{TweetId, Username, wire};

use crate::application::Queries;
use crate::storage::{Page, StoreError};

struct InProcess(Queries);

/// The backend for server-side rendering.
pub(super) fn in_process(queries: Queries) -> BackendHandle {
    BackendHandle(Arc::new(InProcess(queries)))
}

fn page(window: Window) -> Page {
    Page {
        limit: PAGE_SIZE,
        before: window.before.map(TweetId::get),
        after: window.after.map(TweetId::get),
    }
}

fn trouble(error: StoreError) -> Trouble {
    tracing::error!(%error, "a page could not read its data");
    Trouble::Unavailable("Siskin can't read its data at the moment.".to_owned())
}

fn found<T>(answer: Result<Option<T>, StoreError>) -> Result<T, Trouble> {
    answer.map_err(trouble)?.ok_or(Trouble::NotFound)
}

impl Backend for InProcess {
    fn timeline(&self, window: Window) -> Answer<Arc<Vec<wire::Tweet>>> {
        let queries = self.0.clone();
        Box::pin(async move { queries.timeline(page(window)).await.map_err(trouble) })
    }

    fn tweets_of(&self, username: Username, window: Window) -> Answer<Arc<Vec<wire::Tweet>>> {
        let queries = self.0.clone();
        Box::pin(async move { found(queries.tweets_of(&username, page(window)).await) })
    }

    fn tweet(&self, id: TweetId) -> Answer<wire::Tweet> {
        let queries = self.0.clone();
        Box::pin(async move { found(queries.tweet(id).await).map(|tweet| (*tweet).clone()) })
    }

    fn person(&self, username: Username) -> Answer<wire::User> {
        let queries = self.0.clone();
        Box::pin(async move { found(queries.user_by_name(&username, None).await) })
    }
}
