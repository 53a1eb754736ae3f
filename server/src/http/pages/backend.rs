//! The `Backend` of pages rendered here: the queries, without HTTP in between.

use std::sync::Arc;

use siskin_app::backend::{Answer, Backend, BackendHandle, PAGE_SIZE, Trouble, Window};
use siskin_domain::{TweetId, Username, wire};

use crate::application::{Caller, Queries};
use crate::storage::{Page, StoreError};

struct InProcess {
    queries: Queries,
    viewer: Option<Arc<Caller>>,
}

/// The backend for server-side rendering: what visitors see, or somebody who is signed in.
pub(super) fn in_process(queries: Queries, viewer: Option<&Caller>) -> BackendHandle {
    let viewer = viewer.map(|viewer| Arc::new(viewer.clone()));
    BackendHandle(Arc::new(InProcess { queries, viewer }))
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
        let (queries, viewer) = (self.queries.clone(), self.viewer.clone());
        Box::pin(
            async move { queries.timeline(page(window), viewer.as_deref()).await.map_err(trouble) },
        )
    }

    fn tweets_of(&self, username: Username, window: Window) -> Answer<Arc<Vec<wire::Tweet>>> {
        let (queries, viewer) = (self.queries.clone(), self.viewer.clone());
        Box::pin(async move {
            found(queries.tweets_of(&username, page(window), viewer.as_deref()).await)
        })
    }

    fn tweet(&self, id: TweetId) -> Answer<wire::Tweet> {
        let (queries, viewer) = (self.queries.clone(), self.viewer.clone());
        Box::pin(async move {
            found(queries.tweet(id, viewer.as_deref()).await).map(|tweet| (*tweet).clone())
        })
    }

    fn person(&self, username: Username) -> Answer<wire::User> {
        let (queries, viewer) = (self.queries.clone(), self.viewer.clone());
        Box::pin(async move {
            let person = found(queries.user_by_name(&username, viewer.as_deref()).await)?;
            // A page's data has nothing that everybody may not see.
            Ok(wire::User { email: None, role: None, ..person })
        })
    }
}
