//! What handlers of the API share.

use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::watch;

use super::api::rendered::RenderedLists;
use super::api::stream::Streams;
use crate::application::Services;

/// What handlers of the API share. A clone is one reference more.
#[derive(Clone)]
pub struct HttpState {
    shared: Arc<Shared>,
}

/// The fields of [`HttpState`], which derefs to them.
pub struct Shared {
    /// What the server does.
    pub services: Services,
    /// Turns true when the server is to stop: streams end then.
    pub stopping: watch::Receiver<bool>,
    /// The address of the style sheet of `/api/docs`; plain without one.
    pub stylesheet: Option<String>,
    pub(super) lists: RenderedLists,
    pub(super) streams: Streams,
}

impl HttpState {
    /// Over the services, until `stopping` turns true.
    #[must_use]
    pub fn new(services: Services, stopping: watch::Receiver<bool>) -> Self {
        Self::with_stylesheet(services, stopping, None)
    }

    /// The same, with a style sheet for `/api/docs`.
    #[must_use]
    pub fn with_stylesheet(
        services: Services,
        stopping: watch::Receiver<bool>,
        stylesheet: Option<String>,
    ) -> Self {
        let streams = Streams::new(services.throttle.is_on());
        let lists = RenderedLists::default();
        Self { shared: Arc::new(Shared { services, stopping, stylesheet, lists, streams }) }
    }
}

impl Deref for HttpState {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.shared
    }
}
